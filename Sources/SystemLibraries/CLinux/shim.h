// What Swift's Glibc module leaves out of Linux: adjtimex(2), prctl(2), which is variadic (one call each), and O_DIRECT.
#pragma once
#include <sys/prctl.h>
#include <sys/timex.h>

// PR_SET_DUMPABLE and PR_GET_DUMPABLE (linux/prctl.h).
static inline int clinux_set_dumpable(unsigned long value) {
    return prctl(PR_SET_DUMPABLE, value, 0UL, 0UL, 0UL);
}
static inline int clinux_get_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
}
// open(2): fcntl.h has it only with _GNU_SOURCE, which Swift's Glibc does not set.
#if defined(__aarch64__) || defined(__arm__)
enum { clinux_O_DIRECT = 0200000 };
#else
enum { clinux_O_DIRECT = 040000 };
#endif
