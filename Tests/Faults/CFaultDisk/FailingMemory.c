// SQLite's allocator with a fault: the nth allocation of the library fails, once or for ever. Nobody else's is touched.
#include "CFaultDisk.h"
#include <sqlite3.h>
#include <stdatomic.h>

static sqlite3_mem_methods real;
static atomic_llong seen, hits, at;
static atomic_int is_for_ever;

static int fails(void) {
    int64_t nth = atomic_load(&at);
    if (nth == 0) return 0;
    int64_t number = atomic_fetch_add(&seen, 1) + 1;
    if (number != nth && !(number > nth && atomic_load(&is_for_ever))) return 0;
    atomic_fetch_add(&hits, 1);
    return 1;
}

static void *allocate(int size) { return fails() ? NULL : real.xMalloc(size); }
static void *reallocate(void *memory, int size) { return fails() ? NULL : real.xRealloc(memory, size); }

int cfaultdisk_memory_install(void) {
    int result = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    if (result != SQLITE_OK) return result;
    sqlite3_mem_methods failing = real;
    failing.xMalloc = allocate;
    failing.xRealloc = reallocate;
    result = sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    // Small ones would come from a pool of each connection and never ask.
    return result == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) : result;
}

void cfaultdisk_memory_fail(int64_t nth, int for_ever) {
    atomic_store(&at, 0);
    atomic_store(&seen, 0);
    atomic_store(&hits, 0);
    atomic_store(&is_for_ever, for_ever);
    atomic_store(&at, nth);
}

int64_t cfaultdisk_memory_failed(void) { return atomic_load(&hits); }
