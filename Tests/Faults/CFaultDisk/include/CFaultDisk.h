// A VFS of SQLite for tests: it records what reaches the disk, fails on demand, and builds what a power cut leaves.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Which file of the database.
enum { CFAULTDISK_DATABASE = 0, CFAULTDISK_WAL = 1, CFAULTDISK_JOURNAL = 2, CFAULTDISK_FILES = 3 };

// Kinds of calls that can fail; a mask.
enum {
    CFAULTDISK_READ = 1,
    CFAULTDISK_WRITE = 2,
    CFAULTDISK_SYNC = 4,
    CFAULTDISK_TRUNCATE = 8,
    CFAULTDISK_OPEN = 16,
    CFAULTDISK_DELETE = 32,
    CFAULTDISK_SIZE = 64,
    CFAULTDISK_ALL = 127
};

// What a power cut does to the calls recorded so far.
enum {
    // Keeps what was synced; drops, keeps, reorders or tears the rest.
    CFAULTDISK_HONEST = 1,
    // All is kept, but the 4096-byte sectors that the last write touched are garbage.
    CFAULTDISK_BLAST = 2,
    // The last calls are lost in order, whatever was synced.
    CFAULTDISK_LYING_IN_ORDER = 3,
    // The last calls are dropped, kept or torn, whatever was synced.
    CFAULTDISK_LYING = 4
};

// What an image was made of.
struct cfaultdisk_image {
    int64_t written, dropped, torn, reordered, lost;
    // A file the database needs was never there, or is gone.
    int missing_wal;
    // The last call lay between a checkpoint's write to the database and its sync.
    int in_checkpoint;
};

// Becomes the default VFS. Only before the first connection of the process.
int cfaultdisk_install(void);

// SQLite asks for its memory here. Only before `cfaultdisk_install`, which already needs some.
int cfaultdisk_memory_install(void);
// The `nth` allocation of SQLite from now on fails, once or for ever; 0: none.
void cfaultdisk_memory_fail(int64_t nth, int for_ever);
// Allocations that failed.
int64_t cfaultdisk_memory_failed(void);

// Records calls on files whose path begins with `prefix`, from their present content on.
void cfaultdisk_record(const char *prefix);
void cfaultdisk_stop(void);
// Calls recorded.
size_t cfaultdisk_count(void);
// The recorded call: 'w', 't', 's', 'd'; which file.
char cfaultdisk_kind(size_t index, int *file);

// The `nth` call of the kinds from now on fails, once or for ever; 0: none.
void cfaultdisk_fail(int64_t nth, int for_ever, unsigned kinds, const char *prefix);
// Calls that failed, and calls that could have.
int64_t cfaultdisk_failed(void);
int64_t cfaultdisk_calls(void);

// Writes `records.sqlite` and its -wal and -journal into `folder` as a power cut before call `cut` leaves them.
// `window`: how many of the last calls a lying disk had not written. Returns 0, or an errno.
int cfaultdisk_build(size_t cut, int mode, size_t window, uint64_t seed, const char *folder,
                     struct cfaultdisk_image *image);
