// Preloaded before libfaketime: timers of timerfd_create(2) keep the kernel's own clocks.
//
// libfaketime moves every absolute timer by the distance of the faked wall clock, those on CLOCK_BOOTTIME and
// CLOCK_MONOTONIC too, although these clocks are left alone; the program would then sleep for decades.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int descriptor, int flags, const struct itimerspec *value, struct itimerspec *old) {
    return (int)syscall(SYS_timerfd_settime, descriptor, flags, value, old);
}
