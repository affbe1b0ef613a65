// Loaded before a program (LD_PRELOAD): a stick that is pulled, full, torn or failing, or that lies about its capacity.
//
// STICK_FOLDER: the files and folders below it are on the stick. STICK_FAULT: a file with one line, read again whenever
// it is replaced; calls are counted from then on, over all threads.
//
//   fail CALL FIRST LAST ERRNO    these calls of that name fail; "any": whatever touches the stick
//   tear CALL FIRST LAST ERRNO    as fail, but the first of them writes half
//   pull CALL FIRST LAST ERRNO    that call writes half, and from then on whatever touches the stick fails
//   kill CALL FIRST               the process dies at that call
//   zeros CAPACITY, short CAPACITY, old CAPACITY
//                                 what is written beyond so many bytes is taken without an error and is not there: the
//                                 medium gives zeros, the end of the file, or 0xA5. The page cache still has it, as a real
//                                 one would: it shows only where it was synced and dropped (POSIX_FADV_DONTNEED), or by
//                                 O_DIRECT.
//
// STICK_REPORT: gets a line `hit CALL NUMBER` for each call that failed, and `lost INODE OFFSET BYTES` for each piece
// that is not on the medium, so that whoever tests can take it out of the file afterwards.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define PIECES_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char way[16], wanted[16];
static long first, last, number, calls, written;
static struct timespec read_at;
static struct { ino_t file; off_t offset, size; } lost[PIECES_MAX];
static int lost_count;
// Files that were written and not synced, and files whose cached pages were dropped; few at a time.
static ino_t dirty[64], dropped[64];

static void mark(ino_t *list, ino_t file, int is_in) {
    int free_place = -1;
    for (int index = 0; index < 64; index++) {
        if (list[index] == file) {
            if (!is_in) list[index] = 0;
            return;
        }
        if (!list[index]) free_place = index;
    }
    if (is_in && free_place >= 0) list[free_place] = file;
}

static int is_marked(ino_t *list, ino_t file) {
    for (int index = 0; index < 64; index++)
        if (list[index] == file) return 1;
    return 0;
}

static void report(const char *format, ...) {
    const char *path = getenv("STICK_REPORT");
    if (!path) return;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    char text[128];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (syscall(SYS_write, descriptor, text, length) < 0) abort();
    syscall(SYS_close, descriptor);
}

// The fault as it is now. With the lock held.
static void look(void) {
    const char *path = getenv("STICK_FAULT");
    struct stat status;
    way[0] = path ? way[0] : 0;
    if (!path || syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) != 0) {
        way[0] = 0;
        return;
    }
    if (status.st_mtim.tv_sec == read_at.tv_sec && status.st_mtim.tv_nsec == read_at.tv_nsec) return;
    read_at = status.st_mtim;
    calls = written = first = last = number = 0;
    lost_count = 0;
    memset(way, 0, sizeof way);
    memset(wanted, 0, sizeof wanted);
    char text[128] = {0};
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    if (syscall(SYS_read, descriptor, text, sizeof text - 1) < 0) text[0] = 0;
    syscall(SYS_close, descriptor);
    if (sscanf(text, "%15s", way) != 1) return;
    if (way[0] == 'z' || way[0] == 's' || way[0] == 'o') sscanf(text, "%*s %ld", &first);
    else sscanf(text, "%*s %15s %ld %ld %ld", wanted, &first, &last, &number);
}

// 0: goes on; 1: fails, errno set; 2: half of it is written, then it fails.
static int hit(const char *name) {
    pthread_mutex_lock(&lock);
    look();
    int result = 0;
    int is_fault = way[0] == 'f' || way[0] == 't' || way[0] == 'k' || way[0] == 'p';
    if (way[0] == 'p' && calls >= first) {
        result = 1;
    } else if (is_fault && (!strcmp(wanted, name) || !strcmp(wanted, "any"))) {
        calls++;
        if (way[0] == 'k' && calls == first) {
            report("hit %s %ld\n", name, calls);
            kill(getpid(), SIGKILL);
        }
        if (way[0] == 'p' ? calls == first : way[0] != 'k' && calls >= first && calls <= last) {
            report("hit %s %ld\n", name, calls);
            result = way[0] != 'f' && calls == first ? 2 : 1;
        }
    }
    long error = number;
    pthread_mutex_unlock(&lock);
    if (result) errno = (int)error;
    return result;
}

static int is_on_stick(const char *path) {
    const char *folder = getenv("STICK_FOLDER");
    return folder && path && !strncmp(path, folder, strlen(folder));
}

static int is_stick_file(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_on_stick(path);
}

static ino_t file_of(int descriptor) {
    struct stat status;
    return syscall(SYS_fstat, descriptor, &status) == 0 ? status.st_ino : 0;
}

// MARK: The medium that lies

static void note_written(int descriptor, off_t end, ssize_t size) {
    pthread_mutex_lock(&lock);
    look();
    ino_t file = file_of(descriptor);
    mark(dirty, file, 1);
    mark(dropped, file, 0);
    if ((way[0] == 'z' || way[0] == 's' || way[0] == 'o') && size > 0) {
        long room = first - written;
        written += size;
        if (room < size && lost_count < PIECES_MAX) {
            off_t from = end - size + (room > 0 ? room : 0);
            lost[lost_count].file = file;
            lost[lost_count].offset = from;
            lost[lost_count++].size = end - from;
            report("lost %lu %ld %ld\n", (unsigned long)file, (long)from, (long)(end - from));
        }
    }
    pthread_mutex_unlock(&lock);
}

// What the medium has of the bytes that were read from `start` on; returns how many there are.
static ssize_t as_on_medium(int descriptor, char *bytes, off_t start, ssize_t size) {
    int flags = fcntl(descriptor, F_GETFL);
    pthread_mutex_lock(&lock);
    ino_t file = file_of(descriptor);
    int is_medium = (flags & O_DIRECT) || is_marked(dropped, file);
    for (int index = 0; is_medium && index < lost_count; index++) {
        if (lost[index].file != file) continue;
        off_t from = lost[index].offset > start ? lost[index].offset : start;
        off_t end = lost[index].offset + lost[index].size;
        if (end > start + size) end = start + size;
        if (from >= end) continue;
        if (way[0] == 's') {
            size = from - start;
            break;
        }
        memset(bytes + (from - start), way[0] == 'o' ? 0xA5 : 0, end - from);
    }
    pthread_mutex_unlock(&lock);
    return size;
}

// MARK: Calls

ssize_t write(int descriptor, const void *bytes, size_t size) {
    if (descriptor <= 2 || !is_stick_file(descriptor)) return syscall(SYS_write, descriptor, bytes, size);
    int fault = hit("write");
    if (fault == 1) return -1;
    ssize_t count = syscall(SYS_write, descriptor, bytes, fault == 2 ? (size + 1) / 2 : size);
    int error = errno;
    if (count > 0) note_written(descriptor, lseek(descriptor, 0, SEEK_CUR), count);
    errno = error;
    return count;
}

ssize_t read(int descriptor, void *bytes, size_t size) {
    if (descriptor <= 2 || !is_stick_file(descriptor)) return syscall(SYS_read, descriptor, bytes, size);
    if (hit("read")) return -1;
    off_t start = lseek(descriptor, 0, SEEK_CUR);
    ssize_t count = syscall(SYS_read, descriptor, bytes, size);
    return count > 0 ? as_on_medium(descriptor, bytes, start, count) : count;
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
    if (!is_stick_file(descriptor)) return syscall(SYS_pread64, descriptor, bytes, size, offset);
    if (hit("read")) return -1;
    ssize_t count = syscall(SYS_pread64, descriptor, bytes, size, offset);
    return count > 0 ? as_on_medium(descriptor, bytes, offset, count) : count;
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off64_t offset) {
    return pread(descriptor, bytes, size, offset);
}

int posix_fadvise(int descriptor, off_t offset, off_t size, int advice) {
    if (advice == POSIX_FADV_DONTNEED && is_stick_file(descriptor)) {
        pthread_mutex_lock(&lock);
        ino_t file = file_of(descriptor);
        // Pages that are not on the medium yet cannot be dropped.
        if (!is_marked(dirty, file)) mark(dropped, file, 1);
        pthread_mutex_unlock(&lock);
    }
    return REAL(int, "posix_fadvise", int, off_t, off_t, int)(descriptor, offset, size, advice);
}

int posix_fadvise64(int descriptor, off64_t offset, off64_t size, int advice) {
    return posix_fadvise(descriptor, offset, size, advice);
}

static int synced(int descriptor, const char *name, long call) {
    if (!is_stick_file(descriptor)) return (int)syscall(call, descriptor);
    if (hit(name)) return -1;
    int result = (int)syscall(call, descriptor);
    if (result == 0) {
        pthread_mutex_lock(&lock);
        mark(dirty, file_of(descriptor), 0);
        pthread_mutex_unlock(&lock);
    }
    return result;
}

int fsync(int descriptor) { return synced(descriptor, "fsync", SYS_fsync); }
int fdatasync(int descriptor) { return synced(descriptor, "fdatasync", SYS_fdatasync); }

int ftruncate(int descriptor, off_t size) {
    if (is_stick_file(descriptor) && hit("ftruncate")) return -1;
    return (int)syscall(SYS_ftruncate, descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int open(const char *path, int flags, ...) {
    va_list values;
    va_start(values, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(values, mode_t) : 0;
    va_end(values);
    if (is_on_stick(path) && hit("open")) return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list values;
    va_start(values, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(values, mode_t) : 0;
    va_end(values);
    return open(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
    if (is_on_stick(path) && hit("mkdir")) return -1;
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int rename(const char *from, const char *to) {
    if (is_on_stick(to) && hit("rename")) return -1;
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path) {
    if (is_on_stick(path) && hit("unlink")) return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

DIR *opendir(const char *path) {
    if (is_on_stick(path) && hit("opendir")) return NULL;
    return REAL(DIR *, "opendir", const char *)(path);
}

int stat(const char *path, struct stat *status) {
    if (is_on_stick(path) && hit("stat")) return -1;
    return (int)syscall(SYS_newfstatat, AT_FDCWD, path, status, 0);
}
