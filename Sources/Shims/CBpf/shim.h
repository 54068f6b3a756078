// libbpf: programs that run in the kernel. One function for each call; a negative number is an errno.
//
// The library is opened while viv runs: it and what it needs would make every start slower, and keep viv from starting where it is not
// installed. Each function therefore takes the address of the one it calls.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "clock_stacks.h"

/// The functions of libbpf that are used.
enum {
    CB_SET_PRINT, CB_OPEN, CB_LOAD, CB_CLOSE, CB_FIND_MAP, CB_MAP_FD, CB_SET_INITIAL, CB_FIND_PROGRAM, CB_PROGRAM_FD, CB_UPDATE, CB_LOOKUP,
    CB_RING_NEW, CB_RING_CONSUME, CB_RING_FREE, CB_ATTACH, CB_FUNCTIONS
};

/// Name of the shared library; the number of its interface has not changed since libbpf 1.0.
static inline const char *cb_library(void) {
    return "libbpf.so.1";
}

/// Name of one of the functions.
static inline const char *cb_name(int function) {
    static const char *const names[CB_FUNCTIONS] = {
        "libbpf_set_print", "bpf_object__open_mem", "bpf_object__load", "bpf_object__close", "bpf_object__find_map_by_name", "bpf_map__fd",
        "bpf_map__set_initial_value", "bpf_object__find_program_by_name", "bpf_program__fd", "bpf_map_update_elem", "bpf_map_lookup_elem",
        "ring_buffer__new", "ring_buffer__consume", "ring_buffer__free", "bpf_raw_tracepoint_open",
    };
    return names[function];
}

/// dlopen(3): its symbols serve nobody else.
static inline void *cb_open_library(void) {
    return dlopen(cb_library(), RTLD_NOW | RTLD_LOCAL);
}

/// dlsym(3).
static inline void *cb_find(void *library, int function) {
    return dlsym(library, cb_name(function));
}

/// libbpf_set_print with no printer: what it would write would spoil the screen.
static inline void cb_silence(void *function) {
    ((libbpf_print_fn_t (*)(libbpf_print_fn_t))function)(NULL);
}

/// bpf_object__open_mem.
static inline int cb_open(void *function, const void *bytes, size_t length, void **object) {
    typedef struct bpf_object *(*open)(const void *, size_t, const struct bpf_object_open_opts *);
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "viv");
    *object = ((open)function)(bytes, length, &options);
    return *object ? 0 : -errno;
}

/// bpf_object__load.
static inline int cb_load(void *function, void *object) {
    return ((int (*)(struct bpf_object *))function)(object);
}

/// bpf_object__close.
static inline void cb_close(void *function, void *object) {
    ((void (*)(struct bpf_object *))function)(object);
}

/// bpf_object__find_map_by_name.
static inline void *cb_find_map(void *function, void *object, const char *name) {
    return ((struct bpf_map * (*)(const struct bpf_object *, const char *))function)(object, name);
}

/// bpf_map__fd.
static inline int cb_map_fd(void *function, void *map) {
    return ((int (*)(const struct bpf_map *))function)(map);
}

/// bpf_map__set_initial_value: the constants of a program, before it is loaded.
static inline int cb_set_initial(void *function, void *map, const void *value, size_t length) {
    return ((int (*)(struct bpf_map *, const void *, size_t))function)(map, value, length);
}

/// bpf_object__find_program_by_name.
static inline void *cb_find_program(void *function, void *object, const char *name) {
    return ((struct bpf_program * (*)(const struct bpf_object *, const char *))function)(object, name);
}

/// bpf_program__fd.
static inline int cb_program_fd(void *function, void *program) {
    return ((int (*)(const struct bpf_program *))function)(program);
}

/// bpf_map_update_elem of the one element of an array.
static inline int cb_update(void *function, int map, const void *value) {
    uint32_t key = 0;
    return ((int (*)(int, const void *, const void *, __u64))function)(map, &key, value, BPF_ANY);
}

/// bpf_map_lookup_elem of the one element of an array.
static inline int cb_lookup(void *function, int map, void *value) {
    uint32_t key = 0;
    return ((int (*)(int, const void *, void *))function)(map, &key, value);
}

/// ring_buffer__new.
static inline int cb_ring_new(
    void *function, int map, int (*receive)(void *, void *, size_t), void *context, void **ring
) {
    typedef struct ring_buffer *(*make)(int, ring_buffer_sample_fn, void *, const struct ring_buffer_opts *);
    *ring = ((make)function)(map, receive, context, NULL);
    return *ring ? 0 : -errno;
}

/// ring_buffer__consume: records handed over.
static inline int cb_ring_consume(void *function, void *ring) {
    return ((int (*)(struct ring_buffer *))function)(ring);
}

/// ring_buffer__free.
static inline void cb_ring_free(void *function, void *ring) {
    ((void (*)(struct ring_buffer *))function)(ring);
}

/// bpf_raw_tracepoint_open: a descriptor; the program runs for as long as it is open.
static inline int cb_attach(void *function, const char *tracepoint, int program) {
    int fd = ((int (*)(const char *, int))function)(tracepoint, program);
    return fd < 0 ? -errno : fd;
}
