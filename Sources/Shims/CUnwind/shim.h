// libunwind for the stacks of other processes, and what belongs to a symbol's name: the C++ runtime's demangler, and liblzma for
// tables that are stored compressed. One function for each call.
//
// libunwind and liblzma are opened while viv runs: Debian's archives are not made for programs that may lie at any address, and
// linked as a shared library libunwind would take the place of the C++ runtime's own unwinder and keep viv from starting where
// it is not installed. Each function therefore takes the address of the one it calls.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <libunwind.h>
#include <stddef.h>
#include <stdint.h>

#define CU_TEXT(name) #name
#define CU_NAME(name) CU_TEXT(name)

/// Functions of libunwind, whose names are macros.
enum {
    CU_CREATE_SPACE, CU_DESTROY_SPACE, CU_SET_CACHING, CU_SET_CACHE_SIZE, CU_FLUSH, CU_INIT, CU_STEP, CU_GET, CU_IS_SIGNAL,
    CU_SEARCH, CU_FUNCTIONS
};

/// Name of the shared library for this architecture.
static inline const char *cu_library(void) {
    return "libunwind-" CU_NAME(UNW_TARGET) ".so.8";
}

/// Name of one of the functions. The last is declared in no header, but exported for those who bring their own tables.
static inline const char *cu_name(int function) {
    static const char *const names[CU_FUNCTIONS] = {
        CU_NAME(UNW_OBJ(create_addr_space)), CU_NAME(UNW_OBJ(destroy_addr_space)), CU_NAME(UNW_OBJ(set_caching_policy)),
        CU_NAME(UNW_OBJ(set_cache_size)), CU_NAME(UNW_ARCH_OBJ(flush_cache)), CU_NAME(UNW_OBJ(init_remote)),
        CU_NAME(UNW_OBJ(step)), CU_NAME(UNW_OBJ(get_reg)), CU_NAME(UNW_OBJ(is_signal_frame)),
        CU_NAME(UNW_OBJ(dwarf_search_unwind_table)),
    };
    return names[function];
}

/// Accessors with room behind them: later versions of libunwind copy more of them, and take zeros for none.
typedef union {
    unw_accessors_t accessors;
    void *room[64];
} cu_accessors_t;

/// unw_create_addr_space(3) with the byte order of this machine.
static inline void *cu_create_space(void *function, cu_accessors_t *accessors) {
    return ((unw_addr_space_t (*)(unw_accessors_t *, int))function)(&accessors->accessors, 0);
}

/// unw_destroy_addr_space(3).
static inline void cu_destroy_space(void *function, void *space) {
    ((void (*)(unw_addr_space_t))function)((unw_addr_space_t)space);
}

/// unw_set_caching_policy(3), UNW_CACHE_GLOBAL.
static inline int cu_keep_rules(void *function, void *space) {
    return ((int (*)(unw_addr_space_t, unw_caching_policy_t))function)((unw_addr_space_t)space, UNW_CACHE_GLOBAL);
}

/// unw_set_cache_size(3).
static inline int cu_set_cache_size(void *function, void *space, size_t entries) {
    return ((int (*)(unw_addr_space_t, size_t, int))function)((unw_addr_space_t)space, entries, 0);
}

/// unw_flush_cache(3) of all addresses.
static inline void cu_forget_rules(void *function, void *space) {
    ((void (*)(unw_addr_space_t, unw_word_t, unw_word_t))function)((unw_addr_space_t)space, 0, 0);
}

/// unw_init_remote(3).
static inline int cu_begin(void *function, unw_cursor_t *cursor, void *space, void *context) {
    return ((int (*)(unw_cursor_t *, unw_addr_space_t, void *))function)(cursor, (unw_addr_space_t)space, context);
}

/// unw_step(3): positive while there is a caller.
static inline int cu_step(void *function, unw_cursor_t *cursor) {
    return ((int (*)(unw_cursor_t *))function)(cursor);
}

/// unw_get_reg(3), UNW_REG_IP.
static inline int cu_get_ip(void *function, unw_cursor_t *cursor, unw_word_t *result) {
    return ((int (*)(unw_cursor_t *, int, unw_word_t *))function)(cursor, UNW_REG_IP, result);
}

/// unw_get_reg(3), UNW_REG_SP.
static inline int cu_get_sp(void *function, unw_cursor_t *cursor, unw_word_t *result) {
    return ((int (*)(unw_cursor_t *, int, unw_word_t *))function)(cursor, UNW_REG_SP, result);
}

/// unw_is_signal_frame(3).
static inline int cu_is_signal_frame(void *function, unw_cursor_t *cursor) {
    return ((int (*)(unw_cursor_t *))function)(cursor);
}

/// dwarf_search_unwind_table: the rules of a function by a table that lies in the target's memory.
static inline int cu_search_table(
    void *function, unw_addr_space_t space, unw_word_t ip, unw_dyn_info_t *table, unw_proc_info_t *result, int needInfo,
    void *context
) {
    typedef int (*search)(unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *);
    return ((search)function)(space, ip, table, result, needInfo, context);
}

extern char *__cxa_demangle(const char *name, char *buffer, size_t *length, int *status);
extern void free(void *);

/// __cxa_demangle: a string for free(3), NULL for a name that is not mangled.
static inline char *cu_demangle(const char *name) {
    int status = 0;
    return __cxa_demangle(name, NULL, NULL, &status);
}

/// free(3).
static inline void cu_free(void *memory) {
    free(memory);
}

/// lzma_stream_buffer_decode(3) of one whole .xz file, with a limit of memory: bytes made, or a negative lzma_ret.
static inline int64_t cu_unpack(
    void *function, const uint8_t *input, size_t inputSize, uint8_t *output, size_t outputSize
) {
    typedef int (*decode)(
        uint64_t *, uint32_t, const void *, const uint8_t *, size_t *, size_t, uint8_t *, size_t *, size_t);
    uint64_t limit = 64 << 20;
    size_t read = 0, written = 0;
    int result = ((decode)function)(&limit, 0, NULL, input, &read, inputSize, output, &written, outputSize);
    return result == 0 ? (int64_t)written : -(int64_t)result;
}
