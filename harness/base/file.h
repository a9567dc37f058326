/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* file.h - whole files in, whole files out. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/error.h"

/* Reads a whole file of at most `max` bytes into `ret` (appended). "-" is standard input. */
HG_MUST_CHECK bool hg_file_read(const char *path, size_t max, struct hg_buf *ret,
                                struct hg_error *err);

/* Reads a descriptor to its end, at most `max` bytes. `name` is for the error text. */
HG_MUST_CHECK bool hg_fd_read(int fd, const char *name, size_t max, struct hg_buf *ret,
                              struct hg_error *err);

/* Writes all bytes, whatever write() returns on the way. */
HG_MUST_CHECK bool hg_fd_write(int fd, const char *name, const void *bytes, size_t len,
                               struct hg_error *err);

/* Writes a file so that it is whole or absent: a temporary name beside it, synced, renamed.
 * `mode` is the permission (0600 for anything that may be private). "-" is standard output;
 * what is there and is not a regular file (/dev/stdout, a pipe) is written to directly. */
HG_MUST_CHECK bool hg_file_write(const char *path, unsigned mode, const void *bytes, size_t len,
                                 struct hg_error *err);
