// Loaded before a program (LD_PRELOAD): its wall clock is wrong by what stands in a file, from one reading to the next.
//
// WRONG_CLOCK: a file of 16 bytes, two signed 64-bit numbers of this machine: 0 and nanoseconds that are added to the
// true time, or 1 and nanoseconds since 1970 at which the clock stands still. It is mapped: whoever writes it moves the
// clock at once, also between two readings of one commit. Clocks since boot, and timers on them, are left alone, as the
// kernel leaves them. libfaketime does more, and loses a Swift program's arguments: it changes the environment early.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static const volatile int64_t *wrong;
static int (*real_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void map(void) {
    real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("WRONG_CLOCK");
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *mapped = mmap(NULL, 16, PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped != MAP_FAILED) wrong = mapped;
}

static int64_t true_now(void) {
    struct timespec now;
    if (!real_clock) map();
    real_clock(CLOCK_REALTIME, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

static int64_t now(void) {
    int64_t time = true_now();
    if (!wrong) return time;
    return wrong[0] ? wrong[1] : time + wrong[1];
}

static struct timespec as_timespec(int64_t time) {
    int64_t seconds = time / SECOND - (time % SECOND < 0);
    return (struct timespec){.tv_sec = seconds, .tv_nsec = time - seconds * SECOND};
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!real_clock) map();
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return real_clock(clock, time);
    *time = as_timespec(now());
    return 0;
}

int gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    struct timespec exact = as_timespec(now());
    *time = (struct timeval){.tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *result) {
    time_t seconds = as_timespec(now()).tv_sec;
    if (result) *result = seconds;
    return seconds;
}

typedef int (*timed_wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

// A wait until a moment of the wall clock: the kernel has the true one.
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    timed_wait real = (timed_wait)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec there = *until;
    if (wrong) {
        int64_t wait = until->tv_sec * SECOND + until->tv_nsec - now();
        // Conditions on the monotonic clock come this way, too; their moments are far from any wall clock's.
        if (wait < 365 * 86400 * SECOND && wait > -365 * 86400 * SECOND) there = as_timespec(true_now() + wait);
    }
    return real(condition, mutex, &there);
}
