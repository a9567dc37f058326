/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* attr.h - the compiler extensions headgate relies on: GCC and Clang, nothing else. */

#define HG_MUST_CHECK    __attribute__((warn_unused_result))
#define HG_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define HG_AUTO(destroy) __attribute__((cleanup(destroy)))
#define HG_COUNT(array)  (sizeof(array) / sizeof((array)[0]))

/* Hand an owned pointer on: the variable no longer owns it. */
#define hg_steal(pp)                                                                           \
    __extension__({                                                                            \
        __auto_type hg_p_ = *(pp);                                                             \
        *(pp) = NULL;                                                                          \
        hg_p_;                                                                                 \
    })

/* Define fn##p(), the shape HG_AUTO() wants, from a destructor that accepts NULL. */
#define HG_DEFINE_AUTO(type, fn)                                                               \
    static inline void fn##p(type **pp)                                                        \
    {                                                                                          \
        fn(*pp);                                                                               \
        *pp = NULL;                                                                            \
    }
