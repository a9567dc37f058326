/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool hg_fd_read(int fd, const char *name, size_t max, struct hg_buf *ret, struct hg_error *err)
{
    char chunk[16384];
    size_t total = 0;

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return hg_fail(err, HG_E_IO, "%s: %s", name, strerror(errno));
        }
        if (n == 0) {
            return hg_buf_ok(ret) || hg_fail_nomem(err);
        }
        total += (size_t)n;
        if (total > max) {
            return hg_fail(err, HG_E_LIMIT, "%s: larger than %zu bytes", name, max);
        }
        hg_buf_put(ret, chunk, (size_t)n);
    }
}

bool hg_file_read(const char *path, size_t max, struct hg_buf *ret, struct hg_error *err)
{
    bool ok;
    int fd;

    if (strcmp(path, "-") == 0) {
        return hg_fd_read(STDIN_FILENO, "standard input", max, ret, err);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    }
    ok = hg_fd_read(fd, path, max, ret, err);
    close(fd);
    return ok;
}

bool hg_fd_write(int fd, const char *name, const void *bytes, size_t len, struct hg_error *err)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return hg_fail(err, HG_E_IO, "%s: cannot be written in full: %s", name,
                           strerror(n < 0 ? errno : EIO));
        }
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_directly(const char *path, const void *bytes, size_t len,
                           struct hg_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool ok;

    if (fd < 0) {
        return hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    }
    ok = hg_fd_write(fd, path, bytes, len, err);
    if (close(fd) != 0 && ok) {
        return hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    }
    return ok;
}

/* The temporary file is written, synced and closed; only then may it take the name. */
static bool fill_and_rename(int fd, const char *temporary, const char *path, const void *bytes,
                            size_t len, struct hg_error *err)
{
    bool ok = hg_fd_write(fd, path, bytes, len, err);

    if (ok && fsync(fd) != 0 && errno != EINVAL) {
        ok = hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    }
    if (close(fd) != 0 && ok) {
        ok = hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    }
    if (ok && rename(temporary, path) != 0) {
        ok = hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    }
    if (!ok) {
        unlink(temporary);
    }
    return ok;
}

bool hg_file_write(const char *path, unsigned mode, const void *bytes, size_t len,
                   struct hg_error *err)
{
    struct stat st;
    char *temporary;
    bool ok;
    int fd;

    if (strcmp(path, "-") == 0) {
        return hg_fd_write(STDOUT_FILENO, "standard output", bytes, len, err);
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return write_directly(path, bytes, len, err);
    }
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        return hg_fail_nomem(err);
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        ok = hg_fail(err, HG_E_IO, "%s: %s", path, strerror(errno));
    } else {
        (void)fchmod(fd, mode);
        ok = fill_and_rename(fd, temporary, path, bytes, len, err);
    }
    free(temporary);
    return ok;
}
