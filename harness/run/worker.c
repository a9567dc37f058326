/* SPDX-License-Identifier: Apache-2.0 */
#include "run/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "model/outcome.h"

#define MAX_LINE        (1 << 20)
#define MAX_ANSWER      (8 << 20)
#define MAX_DIAGNOSTICS 65536

/* What a probe may rely on; nothing of the user's environment reaches it (RELIABILITY 2.1). */
static const char *const environment[] = {
    "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", "RES_OPTIONS=timeout:1 attempts:2",
    HG_QUIET_MONGOC,      NULL,
};

static void add_error(struct hg_worker *w, const char *text)
{
    struct hg_buf clean = { 0 };

    hg_text_clean(&clean, text, strlen(text), 512);
    json_array_append_new(w->into->errors, json_string(hg_buf_text(&clean)));
    hg_buf_done(&clean);
}

static void put_fact(struct hg_worker *w, const struct hg_fact *fact)
{
    struct hg_error err = { 0 };

    if (!hg_facts_put(w->into->facts, fact, &err)) {
        add_error(w, err.text);
    }
}

static void give_up_on_rest(struct hg_worker *w, const char *reason)
{
    json_t *wanted = json_object_get(w->request, "facts"), *item;
    size_t i;

    json_array_foreach (wanted, i, item) {
        struct hg_fact fact = { .key = json_string_value(item),
                                .state = HG_FACT_UNREACHABLE,
                                .reason = reason };

        if (!hg_facts_has(w->into->facts, fact.key)) {
            put_fact(w, &fact);
        }
    }
}

/* The request in a file without a name: no one has to feed a pipe. */
static int request_fd(const json_t *request, struct hg_error *err)
{
    char *text = json_dumps(request, JSON_COMPACT);
    int fd = memfd_create("request", MFD_CLOEXEC);
    bool ok = text != NULL && fd >= 0 && hg_fd_write(fd, "request", text, strlen(text), err) &&
              lseek(fd, 0, SEEK_SET) == 0;

    free(text);
    if (!ok) {
        hg_fail(err, HG_E_IO, "no file for the request: %s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

struct plumbing {
    int request, secret, auditor, out[2], err[2];
};

static void close_all(struct plumbing *p)
{
    int *fds[] = { &p->request, &p->secret, &p->auditor, &p->out[0],
                   &p->out[1],  &p->err[0], &p->err[1] };

    for (size_t i = 0; i < HG_COUNT(fds); i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
        *fds[i] = -1;
    }
}

static bool open_all(struct hg_worker *w, const struct hg_vault *vault, struct plumbing *p,
                     struct hg_error *err)
{
    *p = (struct plumbing){
        -1, -1, -1, { -1, -1 },
           { -1, -1 }
    };
    p->request = request_fd(w->request, err);
    if (p->request < 0 ||
        !hg_secret_open(vault, &w->target->secret, &p->secret, &w->resolvers[0], err) ||
        !hg_secret_open(vault, &w->target->auditor, &p->auditor, &w->resolvers[1], err)) {
        return false;
    }
    if (pipe2(p->out, O_CLOEXEC | O_NONBLOCK) != 0 ||
        pipe2(p->err, O_CLOEXEC | O_NONBLOCK) != 0) {
        return hg_fail(err, HG_E_IO, "no pipe: %s", strerror(errno));
    }
    /* Only our ends may be non-blocking: a probe that writes faster than we read must wait. */
    (void)fcntl(p->out[1], F_SETFL, 0);
    (void)fcntl(p->err[1], F_SETFL, 0);
    return true;
}

static bool spawn(struct hg_worker *w, const char *path, struct plumbing *p,
                  struct hg_error *err)
{
    const char *argv[] = { path, NULL };
    struct hg_child_fd fds[5] = {
        { 0, p->request },
        { 1, p->out[1]  },
        { 2, p->err[1]  }
    };
    size_t n = 3;

    if (p->secret >= 0) {
        fds[n++] = (struct hg_child_fd){ 3, p->secret };
    }
    if (p->auditor >= 0) {
        fds[n++] = (struct hg_child_fd){ 4, p->auditor };
    }
    if (!hg_child_start(&w->child, argv, environment, fds, n, err)) {
        return false;
    }
    w->out = p->out[0];
    w->err = p->err[0];
    p->out[0] = p->err[0] = -1;
    return true;
}

bool hg_worker_start(struct hg_worker *w, const struct hg_options *options,
                     const struct hg_vault *vault, int deadline_ms)
{
    char *path = hg_probe_find(options->probe_dirs, w->target->engine);
    struct hg_error err = { 0 };
    struct plumbing p;
    bool ok;

    w->out = w->err = -1;
    w->child.pidfd = w->resolvers[0].pidfd = w->resolvers[1].pidfd = -1;
    w->started_ms = hg_clock_ms();
    w->deadline_at = w->started_ms + deadline_ms;
    snprintf(w->stage, sizeof(w->stage), "start");
    if (path == NULL) {
        char reason[256];

        snprintf(reason, sizeof(reason), "there is no probe for %s: install headgate-probe-%s",
                 w->target->engine, w->target->engine);
        give_up_on_rest(w, reason);
        return false;
    }
    ok = open_all(w, vault, &p, &err) && spawn(w, path, &p, &err);
    close_all(&p);
    free(path);
    if (!ok) {
        give_up_on_rest(w, err.text);
        add_error(w, err.text);
    }
    return ok;
}

/* ---- the answer ---- */

static void take_stage(struct hg_worker *w, const char *stage,
                       const struct hg_progress *progress)
{
    struct hg_buf clean = { 0 };

    w->greeted = w->greeted || strcmp(w->stage, "greeting") == 0;
    hg_text_clean(&clean, stage, strlen(stage), sizeof(w->stage) - 8);
    snprintf(w->stage, sizeof(w->stage), "%s", hg_buf_text(&clean));
    hg_buf_done(&clean);
    if (progress->event != NULL) {
        progress->event(progress->data, w->target->id, w->stage);
    }
}

/* One line of the answer. False: it is none, and nothing more is believed. */
static bool take_line(struct hg_worker *w, const struct hg_progress *progress)
{
    json_auto_t *line = hg_utf8_valid(hg_buf_text(&w->line), w->line.len)
                            ? json_loadb(hg_buf_text(&w->line), w->line.len,
                                         JSON_REJECT_DUPLICATES, NULL)
                            : NULL;
    const char *stage = json_string_value(json_object_get(line, "stage"));
    const char *fault = json_string_value(json_object_get(line, "fault"));

    if (json_is_true(json_object_get(line, "done"))) {
        w->done = true;
    } else if (json_object_get(line, "key") != NULL) {
        struct hg_error err = { 0 };

        json_object_del(line, "target");
        return hg_facts_put_line(w->into->facts, line, &err);
    } else if (stage != NULL) {
        take_stage(w, stage, progress);
    } else if (fault != NULL) {
        add_error(w, fault);
    } else {
        return false;
    }
    return true;
}

static void take_bytes(struct hg_worker *w, const char *bytes, size_t len,
                       const struct hg_progress *progress)
{
    w->bytes += len;
    while (len > 0 && w->broken == NULL && !w->done) {
        const char *newline = memchr(bytes, '\n', len);
        size_t part = newline ? (size_t)(newline - bytes) : len;

        hg_buf_put(&w->line, bytes, part);
        if (w->line.len > MAX_LINE || w->bytes > MAX_ANSWER) {
            w->broken = "the probe printed more than is allowed";
        } else if (newline != NULL) {
            if (!take_line(w, progress)) {
                w->broken = "the probe printed something that is no fact";
            }
            hg_buf_clear(&w->line);
            part++;
        }
        bytes += part;
        len -= part;
    }
}

static void read_diagnostics(struct hg_worker *w)
{
    char chunk[4096];
    ssize_t n = read(w->err, chunk, sizeof(chunk));

    if (n > 0 && w->diagnostics.len < MAX_DIAGNOSTICS) {
        hg_buf_put(&w->diagnostics, chunk, (size_t)n);
    } else if (n == 0) {
        close(w->err);
        w->err = -1;
    }
}

bool hg_worker_read(struct hg_worker *w, const struct hg_progress *progress)
{
    char chunk[65536];

    if (w->err >= 0) {
        read_diagnostics(w);
    }
    while (w->out >= 0 && w->broken == NULL && !w->done) {
        ssize_t n = read(w->out, chunk, sizeof(chunk));

        if (n > 0) {
            take_bytes(w, chunk, (size_t)n, progress);
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return true;
        } else {
            return false;
        }
    }
    return false;
}

/* ---- the end ---- */

/* `<engine>.connection` is always known (DESIGN section 12.2): a probe that was killed had got
 * as far as the stage it announced last. */
static void put_timeout(struct hg_worker *w, const char *what, const char *message)
{
    char key[96];
    json_auto_t *value = json_pack("{s:s, s:s, s:s, s:s, s:I}", "stage", w->stage, "outcome",
                                   what, "code", "", "message", message, "ms",
                                   (json_int_t)(hg_clock_ms() - w->started_ms));
    struct hg_fact fact = { .key = key, .state = HG_FACT_KNOWN, .value = value };

    snprintf(key, sizeof(key), "%s.connection", w->target->engine);
    if (!hg_facts_has(w->into->facts, key)) {
        put_fact(w, &fact);
    }
}

static void say_how_it_ended(const struct hg_worker *w, char *reason, size_t size)
{
    if (w->broken != NULL) {
        snprintf(reason, size, "%s", w->broken);
    } else if (WIFSIGNALED(w->status)) {
        snprintf(reason, size, "the probe crashed at stage %s (%s)", w->stage,
                 strsignal(WTERMSIG(w->status)));
    } else if (w->done) {
        snprintf(reason, size, "the probe did not report it");
    } else {
        snprintf(reason, size, "the probe ended before it was done (exit status %d)",
                 WEXITSTATUS(w->status));
    }
}

bool hg_worker_gone(struct hg_worker *w)
{
    bool gone = w->child.pid <= 0 || hg_child_reap(&w->child, &w->status);

    for (size_t i = 0; i < HG_COUNT(w->resolvers); i++) {
        gone = (w->resolvers[i].pid <= 0 ||
                hg_child_reap(&w->resolvers[i], &w->resolver_statuses[i])) &&
               gone;
    }
    return gone;
}

static void end_resolvers(struct hg_worker *w, bool in_time)
{
    for (size_t i = 0; i < HG_COUNT(w->resolvers); i++) {
        if (in_time && w->resolver_statuses[i] != 0) {
            add_error(w, "the command that prints the secret failed (its message is above)");
        }
        hg_child_kill(&w->resolvers[i]);
    }
}

/* Before the first stage of a connection nothing was asked of the target, and nothing is known
 * of it: a program that prints a secret may hang, or this machine. */
static bool contacted(const struct hg_worker *w)
{
    return strcmp(w->stage, "start") != 0 && strcmp(w->stage, "secret") != 0;
}

void hg_worker_finish(struct hg_worker *w, const char *how)
{
    char reason[256];

    if (how == NULL) {
        (void)hg_worker_gone(w);
    }
    hg_child_kill(&w->child);
    w->into->ms = hg_clock_ms() - w->started_ms;
    if (how != NULL && strcmp(how, "deadline") == 0) {
        snprintf(reason, sizeof(reason), "no answer within %lld ms, at stage %s",
                 w->deadline_at - w->started_ms, w->stage);
        if (contacted(w)) {
            put_timeout(w, "timeout", reason);
        }
    } else if (how != NULL) {
        snprintf(reason, sizeof(reason), "interrupted at stage %s", w->stage);
    } else {
        say_how_it_ended(w, reason, sizeof(reason));
    }
    give_up_on_rest(w, reason);
    end_resolvers(w, how == NULL);
    if (w->diagnostics.len > 0) {
        struct hg_buf clean = { 0 };

        hg_text_clean(&clean, hg_buf_text(&w->diagnostics), w->diagnostics.len, 4096);
        w->into->diagnostics = hg_buf_take(&clean);
    }
    if (w->out >= 0) {
        close(w->out);
    }
    if (w->err >= 0) {
        close(w->err);
    }
    w->out = w->err = -1;
    hg_buf_done(&w->line);
    hg_buf_done(&w->diagnostics);
    json_decref(w->request);
    w->request = NULL;
}

/* ---- may it only be starting? ---- */

static const char *word_of(const struct hg_worker *w, const char *what, const char *field)
{
    char key[96];

    snprintf(key, sizeof(key), "%s.%s", w->target->engine, what);
    return json_string_value(json_object_get(hg_facts_get(w->into->facts, key).value, field));
}

/* The outcome of `what` if it is one of a server that is starting. */
static const char *starting(const struct hg_worker *w, const char *what)
{
    const char *outcome = word_of(w, what, "outcome");

    return hg_outcome_starting(word_of(w, what, "stage"), outcome, w->greeted) ? outcome : NULL;
}

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

/* The first endpoint that is not there yet. No login is tried at one. */
static const char *endpoint_starting(const struct hg_worker *w)
{
    json_t *list = hg_facts_get(w->into->facts, "network.endpoints").value, *e;
    size_t i;

    json_array_foreach (json_object_get(list, "items"), i, e) {
        const char *outcome = json_string_value(json_object_get(e, "outcome"));

        if (hg_outcome_starting(json_string_value(json_object_get(e, "stage")), outcome,
                                false)) {
            return outcome;
        }
    }
    return NULL;
}

const char *hg_worker_starting(const struct hg_worker *w)
{
    const char *account = word_of(w, "connection", "outcome");
    const char *auditor = word_of(w, "auditor", "outcome");

    if (json_array_size(w->into->errors) > 0) {
        return NULL; /* trouble of ours is no server that starts */
    }
    if (strcmp(w->target->engine, "network") == 0) {
        return endpoint_starting(w);
    }
    /* Whoever has tried a login does not try it again. */
    if (auditor != NULL && !is(auditor, "not-attempted") && starting(w, "auditor") == NULL) {
        return NULL;
    }
    return is(account, "not-attempted") ? starting(w, "auditor") : starting(w, "connection");
}
