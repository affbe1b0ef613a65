// The recording and failing VFS, and the power cuts built from its recording.
#include "CFaultDisk.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct call {
    char kind;
    int file;
    int64_t offset;
    int count;
    unsigned char *bytes;
};

struct bytes {
    unsigned char *data;
    int64_t size, capacity;
    int exists;
};

struct shim_file {
    sqlite3_file base;
    int number;
    int is_recorded, can_fail;
    sqlite3_file real[];
};

static sqlite3_vfs shim, *real_vfs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct call *calls;
static size_t call_count, call_capacity;
static struct bytes before[CFAULTDISK_FILES];
static char record_prefix[512], fail_prefix[512];
static int is_recording;
static int64_t fail_at, fail_seen, fail_hits;
static int fail_for_ever;
static unsigned fail_kinds;

static const char *suffixes[CFAULTDISK_FILES] = {"", "-wal", "-journal"};

static int number_of(const char *path) {
    if (!path) return CFAULTDISK_DATABASE;
    size_t length = strlen(path);
    if (length > 4 && !strcmp(path + length - 4, "-wal")) return CFAULTDISK_WAL;
    if (length > 8 && !strcmp(path + length - 8, "-journal")) return CFAULTDISK_JOURNAL;
    return CFAULTDISK_DATABASE;
}

static int begins(const char *path, const char *prefix) {
    return path && prefix[0] && !strncmp(path, prefix, strlen(prefix));
}

static void add(char kind, int file, int64_t offset, int count, const void *data) {
    pthread_mutex_lock(&lock);
    if (is_recording) {
        if (call_count == call_capacity) {
            call_capacity = call_capacity ? call_capacity * 2 : 1024;
            calls = realloc(calls, call_capacity * sizeof *calls);
        }
        struct call *call = &calls[call_count++];
        *call = (struct call){kind, file, offset, count, NULL};
        if (count > 0 && data) {
            call->bytes = malloc((size_t)count);
            memcpy(call->bytes, data, (size_t)count);
        }
    }
    pthread_mutex_unlock(&lock);
}

// Whether this call is the one that fails.
static int fails(int can_fail, unsigned kind) {
    if (!can_fail) return 0;
    pthread_mutex_lock(&lock);
    int hit = 0;
    if (fail_kinds & kind) {
        fail_seen++;
        hit = fail_at > 0 && (fail_seen == fail_at || (fail_for_ever && fail_seen > fail_at));
        if (hit) fail_hits++;
    }
    pthread_mutex_unlock(&lock);
    return hit;
}

#define SHIM(file) ((struct shim_file *)(file))
#define REAL(file) (SHIM(file)->real)

static int shim_close(sqlite3_file *file) {
    return REAL(file)->pMethods ? REAL(file)->pMethods->xClose(REAL(file)) : SQLITE_OK;
}

static int shim_read(sqlite3_file *file, void *data, int count, sqlite3_int64 offset) {
    if (fails(SHIM(file)->can_fail, CFAULTDISK_READ)) return SQLITE_IOERR_READ;
    return REAL(file)->pMethods->xRead(REAL(file), data, count, offset);
}

static int shim_write(sqlite3_file *file, const void *data, int count, sqlite3_int64 offset) {
    if (fails(SHIM(file)->can_fail, CFAULTDISK_WRITE)) return SQLITE_IOERR_WRITE;
    int result = REAL(file)->pMethods->xWrite(REAL(file), data, count, offset);
    if (result == SQLITE_OK && SHIM(file)->is_recorded) add('w', SHIM(file)->number, offset, count, data);
    return result;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size) {
    if (fails(SHIM(file)->can_fail, CFAULTDISK_TRUNCATE)) return SQLITE_IOERR_TRUNCATE;
    int result = REAL(file)->pMethods->xTruncate(REAL(file), size);
    if (result == SQLITE_OK && SHIM(file)->is_recorded) add('t', SHIM(file)->number, size, 0, NULL);
    return result;
}

static int shim_sync(sqlite3_file *file, int flags) {
    if (fails(SHIM(file)->can_fail, CFAULTDISK_SYNC)) return SQLITE_IOERR_FSYNC;
    int result = REAL(file)->pMethods->xSync(REAL(file), flags);
    if (result == SQLITE_OK && SHIM(file)->is_recorded) add('s', SHIM(file)->number, 0, 0, NULL);
    return result;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size) {
    if (fails(SHIM(file)->can_fail, CFAULTDISK_SIZE)) return SQLITE_IOERR_FSTAT;
    return REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int shim_lock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xLock(REAL(file), level); }
static int shim_unlock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xUnlock(REAL(file), level); }
static int shim_reserved(sqlite3_file *file, int *result) {
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), result);
}
static int shim_control(sqlite3_file *file, int operation, void *argument) {
    return REAL(file)->pMethods->xFileControl(REAL(file), operation, argument);
}
static int shim_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }
static int shim_device(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }
static int shim_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **data) {
    return REAL(file)->pMethods->xShmMap(REAL(file), region, size, extend, data);
}
static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return REAL(file)->pMethods->xShmLock(REAL(file), offset, count, flags);
}
static void shim_shm_barrier(sqlite3_file *file) { REAL(file)->pMethods->xShmBarrier(REAL(file)); }
static int shim_shm_unmap(sqlite3_file *file, int remove) {
    return REAL(file)->pMethods->xShmUnmap(REAL(file), remove);
}

// Version 2: no memory mapping, which would pass the recorder by.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    struct shim_file *own = SHIM(file);
    own->base.pMethods = NULL;
    own->number = number_of(path);
    own->is_recorded = begins(path, record_prefix);
    own->can_fail = begins(path, fail_prefix);
    if (fails(own->can_fail, CFAULTDISK_OPEN)) return SQLITE_CANTOPEN;
    memset(own->real, 0, (size_t)real_vfs->szOsFile);
    int result = real_vfs->xOpen(real_vfs, path, own->real, flags, out);
    if (own->real->pMethods) own->base.pMethods = &methods;
    return result;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
    (void)vfs;
    if (fails(begins(path, fail_prefix), CFAULTDISK_DELETE)) return SQLITE_IOERR_DELETE;
    int result = real_vfs->xDelete(real_vfs, path, sync_folder);
    if (result == SQLITE_OK && begins(path, record_prefix)) add('d', number_of(path), 0, 0, NULL);
    return result;
}

int cfaultdisk_install(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs) return SQLITE_ERROR;
    shim = *real_vfs;
    shim.pNext = NULL;
    shim.zName = "faultdisk";
    shim.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    return sqlite3_vfs_register(&shim, 1);
}

// MARK: Recording

static void reserve(struct bytes *bytes, int64_t size) {
    if (size <= bytes->capacity) return;
    bytes->capacity = size * 2;
    bytes->data = realloc(bytes->data, (size_t)bytes->capacity);
}

static void resize(struct bytes *bytes, int64_t size) {
    reserve(bytes, size);
    if (size > bytes->size) memset(bytes->data + bytes->size, 0, (size_t)(size - bytes->size));
    bytes->size = size;
}

static void write_at(struct bytes *bytes, int64_t offset, const unsigned char *data, int64_t count) {
    if (offset + count > bytes->size) resize(bytes, offset + count);
    memcpy(bytes->data + offset, data, (size_t)count);
    bytes->exists = 1;
}

static void copy(struct bytes *to, const struct bytes *from) {
    to->exists = from->exists;
    to->size = 0;
    resize(to, from->size);
    if (from->size) memcpy(to->data, from->data, (size_t)from->size);
}

void cfaultdisk_record(const char *prefix) {
    pthread_mutex_lock(&lock);
    for (size_t index = 0; index < call_count; index++) free(calls[index].bytes);
    call_count = 0;
    snprintf(record_prefix, sizeof record_prefix, "%s", prefix);
    for (int number = 0; number < CFAULTDISK_FILES; number++) {
        char path[600];
        snprintf(path, sizeof path, "%s%s", prefix, suffixes[number]);
        before[number].size = 0;
        int descriptor = open(path, O_RDONLY | O_CLOEXEC);
        before[number].exists = descriptor >= 0;
        unsigned char block[65536];
        ssize_t count;
        while (descriptor >= 0 && (count = read(descriptor, block, sizeof block)) > 0)
            write_at(&before[number], before[number].size, block, count);
        if (descriptor >= 0) close(descriptor);
    }
    is_recording = 1;
    pthread_mutex_unlock(&lock);
}

void cfaultdisk_stop(void) {
    pthread_mutex_lock(&lock);
    is_recording = 0;
    record_prefix[0] = 0;
    pthread_mutex_unlock(&lock);
}

size_t cfaultdisk_count(void) {
    pthread_mutex_lock(&lock);
    size_t count = call_count;
    pthread_mutex_unlock(&lock);
    return count;
}

char cfaultdisk_kind(size_t index, int *file) {
    if (index >= call_count) return 0;
    *file = calls[index].file;
    return calls[index].kind;
}

// MARK: Failing

void cfaultdisk_fail(int64_t nth, int for_ever, unsigned kinds, const char *prefix) {
    pthread_mutex_lock(&lock);
    fail_at = nth;
    fail_for_ever = for_ever;
    fail_kinds = kinds;
    fail_seen = fail_hits = 0;
    snprintf(fail_prefix, sizeof fail_prefix, "%s", prefix);
    pthread_mutex_unlock(&lock);
}

int64_t cfaultdisk_failed(void) {
    pthread_mutex_lock(&lock);
    int64_t hits = fail_hits;
    pthread_mutex_unlock(&lock);
    return hits;
}

int64_t cfaultdisk_calls(void) {
    pthread_mutex_lock(&lock);
    int64_t seen = fail_seen;
    pthread_mutex_unlock(&lock);
    return seen;
}

// MARK: Power cuts

// splitmix64 (Vigna): small, seeded, the same everywhere.
static uint64_t draw(uint64_t *state) {
    uint64_t value = (*state += 0x9E3779B97F4A7C15u);
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static void apply(struct bytes *file, const struct call *call) {
    switch (call->kind) {
    case 'w': write_at(file, call->offset, call->bytes, call->count); break;
    case 't': resize(file, call->offset); break;
    case 'd': file->exists = 0; file->size = 0; break;
    default: break;
    }
}

// Some of the sectors of a write.
static void tear(struct bytes *file, const struct call *call, int64_t sector, uint64_t *state) {
    int64_t end = call->offset + call->count;
    for (int64_t at = call->offset; at < end;) {
        int64_t next = (at / sector + 1) * sector;
        if (next > end) next = end;
        if (draw(state) & 1) write_at(file, at, call->bytes + (at - call->offset), next - at);
        at = next;
    }
}

// What had not reached the medium: each call for itself kept, dropped or torn, now and then in another order.
static void scatter(struct bytes *files, size_t *pending, size_t count, uint64_t *state,
                    struct cfaultdisk_image *image) {
    uint64_t mood = draw(state) % 4;
    if (mood == 3 && count > 1) {
        for (size_t index = count - 1; index > 0; index--) {
            size_t other = draw(state) % (index + 1);
            size_t kept = pending[index];
            pending[index] = pending[other];
            pending[other] = kept;
        }
        image->reordered++;
    }
    for (size_t index = 0; index < count; index++) {
        const struct call *call = &calls[pending[index]];
        uint64_t fate = draw(state) % 8;
        // Moods: mostly kept, mostly dropped, even.
        int is_kept = mood == 0 ? fate < 6 : mood == 1 ? fate < 2 : fate < 4;
        int is_torn = !is_kept && call->kind == 'w' && (draw(state) & 1);
        if (is_torn) {
            tear(&files[call->file], call, draw(state) & 1 ? 512 : 4096, state);
            image->torn++;
        } else if (is_kept) {
            apply(&files[call->file], call);
            image->written++;
        } else {
            image->dropped++;
        }
    }
}

static void blast(struct bytes *files, size_t cut, uint64_t *state) {
    for (size_t index = cut; index > 0; index--) {
        const struct call *call = &calls[index - 1];
        if (call->kind != 'w') continue;
        struct bytes *file = &files[call->file];
        int64_t begin = call->offset / 4096 * 4096, end = (call->offset + call->count + 4095) / 4096 * 4096;
        for (int64_t at = begin; at < end && at < file->size; at++) file->data[at] = (unsigned char)draw(state);
        return;
    }
}

static int write_out(const struct bytes *file, const char *path) {
    unlink(path);
    if (!file->exists) return 0;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    for (int64_t done = 0; done < file->size;) {
        ssize_t count = write(descriptor, file->data + done, (size_t)(file->size - done));
        if (count < 0) {
            int number = errno;
            close(descriptor);
            return number;
        }
        done += count;
    }
    close(descriptor);
    return 0;
}

int cfaultdisk_build(size_t cut, int mode, size_t window, uint64_t seed, const char *folder,
                     struct cfaultdisk_image *image) {
    static struct bytes files[CFAULTDISK_FILES];
    static size_t *pending;
    static size_t pending_capacity;
    memset(image, 0, sizeof *image);
    if (cut > call_count) cut = call_count;
    if (pending_capacity < cut + 1) pending = realloc(pending, (pending_capacity = cut * 2 + 64) * sizeof *pending);
    size_t last_sync[CFAULTDISK_FILES] = {0}, count = 0;
    for (int number = 0; number < CFAULTDISK_FILES; number++) copy(&files[number], &before[number]);
    for (size_t index = 0; index < cut; index++)
        if (calls[index].kind == 's' || calls[index].kind == 'd') last_sync[calls[index].file] = index + 1;
    int is_database_dirty = 0;
    for (size_t index = 0; index < cut; index++) {
        if (calls[index].file == CFAULTDISK_DATABASE) is_database_dirty = calls[index].kind == 'w';
        int is_safe = mode == CFAULTDISK_HONEST    ? index < last_sync[calls[index].file]
                      : mode == CFAULTDISK_BLAST   ? 1
                                                   : index + window < cut;
        if (is_safe) apply(&files[calls[index].file], &calls[index]);
        else if (mode == CFAULTDISK_LYING_IN_ORDER) image->lost++;
        else pending[count++] = index;
    }
    image->in_checkpoint = is_database_dirty;
    scatter(files, pending, count, &seed, image);
    if (mode == CFAULTDISK_BLAST) blast(files, cut, &seed);
    // A WAL that no sync has reached may not even have its name; one that was made has one.
    if (mode == CFAULTDISK_HONEST && !last_sync[CFAULTDISK_WAL] && !before[CFAULTDISK_WAL].exists && (draw(&seed) & 1)) {
        image->missing_wal = files[CFAULTDISK_WAL].exists;
        files[CFAULTDISK_WAL].exists = 0;
    }
    for (int number = 0; number < CFAULTDISK_FILES; number++) {
        char path[600];
        snprintf(path, sizeof path, "%s/records.sqlite%s", folder, suffixes[number]);
        int result = write_out(&files[number], path);
        if (result) return result;
    }
    return 0;
}
