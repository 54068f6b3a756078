#pragma once
#include <dlfcn.h>
#include <stddef.h>

/// dlopen(3): its symbols serve nobody else.
static inline void *cl_open_library(const char *name) {
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

/// dlsym(3).
static inline void *cl_find_function(void *library, const char *name) {
    return dlsym(library, name);
}
