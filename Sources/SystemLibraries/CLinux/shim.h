// What Swift's Glibc module leaves out of Linux: adjtimex(2), and prctl(2), which is variadic. One call each.
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
