// System calls and constants that the Glibc module does not show to Swift (GNU-only headers, variadic calls, macros).
// One function per call: it returns the result or -errno, and holds no logic.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include "process.h"
#include "perf.h"
#include "netlink.h"
#include "ptrace.h"
#include "library.h"
