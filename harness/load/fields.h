/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* fields.h - taking a mapping apart, with the offending word in every error. Private to load.
 */

#include "load/load.h"

struct json_t;

/* A place in a document. */
struct hg_at {
    const struct hg_doc *doc;
    const struct json_t *value; /* at `path` */
    char path[512];             /* its JSON pointer */
    struct hg_error *err;
};

/* The place below, by key; .value is NULL when there is none. */
struct hg_at hg_at_key(const struct hg_at *at, const char *key);
struct hg_at hg_at_index(const struct hg_at *at, size_t index);

/* "FILE:LINE:COL: sentence" at this place; false. */
bool hg_at_fail(const struct hg_at *at, const char *fmt, ...) HG_PRINTF(2, 3);

/* The same at the key of this place. */
bool hg_at_bad_key(const struct hg_at *at, const char *fmt, ...) HG_PRINTF(2, 3);

/* A mapping with no key but these (NULL-terminated); `what` is "a target". */
bool hg_at_mapping(const struct hg_at *at, const char *what, const char *const *keys);

/* Text at a key: required, or *ret stays as it is. */
bool hg_at_text(const struct hg_at *at, const char *key, bool required, const char **ret);
/* One of these words. *ret is its index. */
bool hg_at_word(const struct hg_at *at, const char *key, bool required,
                const char *const *words, int *ret);
/* A text or a list of texts, none of them empty, or nothing; `what` is "name". */
bool hg_at_names(const struct hg_at *at, const char *key, const char *what);
/* The engine: the end of a probe's file name, and the beginning of its facts' keys. */
bool hg_at_engine(const struct hg_at *at, const char **ret);
/* A list of texts, or NULL when it is not there. */
bool hg_at_texts(const struct hg_at *at, const char *key, bool required, struct json_t **ret);

/* A duration from 1 s to 1 h, in milliseconds; *ret stays as it is when it is not there. */
bool hg_at_duration(const struct hg_at *at, const char *key, int *ret_ms);
