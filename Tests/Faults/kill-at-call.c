// Loaded before a program (LD_PRELOAD): kills it at the nth call that changes a file under a folder, as a power switch would.
//
// KILL_FOLDER: files whose path begins with it. KILL_CALL: one of the names below. KILL_AT: which call of the process, from 1.
// Unlike strace it counts over all threads and costs the start nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static void count(const char *name, const char *path) {
    const char *folder = getenv("KILL_FOLDER"), *wanted = getenv("KILL_CALL"), *at = getenv("KILL_AT");
    if (!folder || !wanted || !at || !path || strcmp(name, wanted) || strncmp(path, folder, strlen(folder))) return;
    if (atomic_fetch_add(&calls, 1) + 1 == atol(at)) kill(getpid(), SIGKILL);
}

static void count_descriptor(const char *name, int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    count(name, path);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    count_descriptor("pwrite64", descriptor);
    return REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(descriptor, bytes, size, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    count_descriptor("write", descriptor);
    return REAL(ssize_t, "write", int, const void *, size_t)(descriptor, bytes, size);
}

int fdatasync(int descriptor) {
    count_descriptor("fdatasync", descriptor);
    return REAL(int, "fdatasync", int)(descriptor);
}

int fsync(int descriptor) {
    count_descriptor("fsync", descriptor);
    return REAL(int, "fsync", int)(descriptor);
}

int ftruncate64(int descriptor, off64_t size) {
    count_descriptor("ftruncate", descriptor);
    return REAL(int, "ftruncate64", int, off64_t)(descriptor, size);
}

int unlink(const char *path) {
    count("unlink", path);
    return REAL(int, "unlink", const char *)(path);
}

int rename(const char *from, const char *to) {
    count("rename", to);
    return REAL(int, "rename", const char *, const char *)(from, to);
}
