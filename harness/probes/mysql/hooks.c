/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "probes/common/dial.h"
#include "probes/mysql/mysql.h"

/* The library's hooks carry no pointer of ours; a probe has one connection in the making. */
static struct {
    struct hg_probe *probe;
    struct my_progress *progress;
    long long until_ms;
    bool timed_out; /* some wait ran into until_ms */
} now;

static void reached(const char *stage)
{
    if (now.progress == NULL || strcmp(now.progress->stage, stage) == 0) {
        return;
    }
    now.progress->stage = stage;
    if (now.progress->announce) {
        hg_emit_stage(now.probe, stage);
    }
}

#ifdef MY_CONNECTOR_C

/* Exported by the library, missing in its headers; older builds may lack it. */
int ma_pvio_register_callback(my_bool add, void (*callback)(int, MYSQL *, const unsigned char *,
                                                            size_t)) __attribute__((weak));

/* Every wait of the library, whatever its own time limit: none goes beyond ours, also when a
 * peer sends a byte each second. */
static int wait_for(my_socket fd, my_bool is_read, int timeout)
{
    struct pollfd p = { .fd = fd, .events = is_read ? POLLIN : POLLOUT };
    long long left = now.until_ms - hg_clock_ms();
    int rc = 0;

    (void)timeout;
    if (left > 0) {
        do {
            rc = poll(&p, 1, (int)left);
        } while (rc < 0 && errno == EINTR);
    }
    if (rc == 0) {
        errno = ETIMEDOUT;
        now.timed_out = true;
        if (now.progress != NULL) {
            now.progress->timed_out = true;
        }
    }
    if (now.progress != NULL && rc > 0 && !is_read &&
        strcmp(now.progress->stage, "connect") == 0) {
        socklen_t size = sizeof(int);
        int err = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0 || err != 0) {
            /* asking took the error off the socket: the library must not ask again */
            now.progress->connect_errno = errno = err != 0 ? err : errno;
            return -1;
        }
        reached("greeting");
    }
    return rc;
}

/* A greeting comes in as many pieces as the network likes. */
static void keep_head(const unsigned char *bytes, size_t n)
{
    struct my_progress *p = now.progress;

    for (size_t i = 0; i < n && p->head_len < sizeof(p->head); i++) {
        p->head[p->head_len++] = bytes[i];
    }
}

/* A greeting: version, zero, id (4), salt (8), zero, capabilities (2). True when it is whole as
 * far as that, or as far as it goes. */
static bool greeting_says(const struct my_progress *p, bool *ret_tls)
{
    const unsigned char *b = p->head, *end;
    size_t len = p->head_len < 4 ? 0 : b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16, at;

    *ret_tls = false;
    if (p->head_len < 6 || b[4] == 0xff) {
        return false; /* too early, or an error, which the library does not answer */
    }
    end = memchr(b + 5, 0, p->head_len - 5);
    at = end ? (size_t)(end - b) + 14 : sizeof(p->head);
    if (end != NULL && at + 2 <= p->head_len && at + 2 <= len + 4) {
        *ret_tls = (b[at + 1] & (CLIENT_SSL >> 8)) != 0;
        return true;
    }
    return p->head_len == sizeof(p->head) || p->head_len >= len + 4;
}

/* After every read and write of the library. */
static void transferred(int is_write, MYSQL *db, const unsigned char *bytes, size_t n)
{
    my_socket fd;
    bool tls;

    if (now.progress == NULL || (long long)n <= 0) {
        return;
    }
    if (strcmp(now.progress->stage, "connect") == 0 && !is_write) {
        reached("greeting");
    }
    if (strcmp(now.progress->stage, "greeting") == 0 && !is_write) {
        keep_head(bytes, n);
        if (now.progress->cut_without_tls && greeting_says(now.progress, &tls) && !tls) {
            /* before a byte of ours: the answer would have been a login */
            now.progress->no_tls = true;
            my_hooks_cut(db);
        }
    } else if (is_write && now.progress->wants_tls &&
               strcmp(now.progress->stage, "greeting") == 0) {
        /* The request for TLS went out. From here the library would block in SSL_connect() for
         * as long as a peer dribbles; a socket that does not block makes it wait in wait_for().
         */
        reached("tls");
        fd = mysql_get_socket(db);
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    } else if (is_write) {
        reached("auth");
    }
}

bool my_hooks_see_greetings(void)
{
    return ma_pvio_register_callback != NULL;
}

void my_hooks_install(MYSQL *db)
{
    static bool registered;

    mysql_optionsv(db, MARIADB_OPT_IO_WAIT, wait_for);
    if (!registered && ma_pvio_register_callback != NULL) {
        ma_pvio_register_callback(1, transferred);
        registered = true;
    }
}

#else

void my_hooks_install(MYSQL *db)
{
    (void)db; /* Oracle's library has no such hooks: the stage stays `connect` */
}

/* Oracle's library cannot be told which plugins it may use, and in clear text sha256_password
 * asks whoever is there for a key, to give the password to whoever has it. That question is a
 * packet of one byte within a login, and is not sent. */
static bool asks_for_key(const unsigned char *b, size_t n)
{
    return n == 5 && b[0] == 1 && b[1] == 0 && b[2] == 0 && b[3] != 0 &&
           (b[4] == 1 || b[4] == 2);
}

__attribute__((visibility("default"))) ssize_t send(int fd, const void *bytes, size_t n,
                                                    int flags)
{
    static ssize_t (*real)(int, const void *, size_t, int);

    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "send");
    }
    if (real == NULL ||
        (now.progress != NULL && !now.progress->wants_tls && asks_for_key(bytes, n))) {
        if (now.progress != NULL) {
            now.progress->withheld = true;
        }
        shutdown(fd, SHUT_RDWR);
        errno = EPIPE;
        return -1;
    }
    return real(fd, bytes, n, flags);
}

#endif

void my_hooks_cut(MYSQL *db)
{
#ifdef MY_CONNECTOR_C
    shutdown(mysql_get_socket(db), SHUT_RDWR);
#else
    shutdown(db->net.fd, SHUT_RDWR);
#endif
}

void my_hooks_begin(struct hg_probe *probe, struct my_progress *progress, const char *address)
{
    now.probe = probe;
    now.progress = progress;
    now.until_ms = progress->until_ms;
    hg_dial_only(address);
    progress->stage = "";
    reached("connect");
}

/* A greeting is packet number 0 with protocol version 10; or an error packet. */
static void judge_head(struct my_progress *p)
{
    const unsigned char *b = p->head;
    size_t len = b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16;

    if (p->head_len >= 7 && b[4] == 0xff && len >= 3 && len < 1024) {
        p->greeting_error = b[5] | (unsigned)b[6] << 8;
    } else if (p->head_len >= 4) {
        p->foreign = len < 40 || len > 4096 || b[3] != 0 || (p->head_len > 4 && b[4] != 10);
    }
}

void my_hooks_end(long long until_ms)
{
    if (now.progress != NULL) {
        judge_head(now.progress);
    }
    now.progress = NULL;
    hg_dial_only(NULL);
    now.until_ms = until_ms;
    now.timed_out = false;
}

bool my_hooks_timed_out(void)
{
    return now.timed_out;
}
