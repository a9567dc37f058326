/* SPDX-License-Identifier: Apache-2.0 */
/* payload.c - what a secret names, by way of a probe: headgate itself never holds a payload. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "model/fact.h"
#include "run/run.h"
#include "run/secret_source.h"

#define MAX_ANSWER  (1 << 20)
#define DEADLINE_MS 20000

/* Any probe can: the common part of them reads payloads. */
static char *any_probe(const char *const *dirs, struct hg_error *err)
{
    static const char *const engines[] = { "network", "mysql", "postgres", "mongodb" };

    for (size_t i = 0; i < HG_COUNT(engines); i++) {
        char *path = hg_probe_find(dirs, engines[i]);

        if (path != NULL) {
            return path;
        }
    }
    hg_fail(err, HG_E_IO, "there is no probe to read secrets with (headgate-probe-network)");
    return NULL;
}

/* Reads to the end, but not beyond the deadline, nor when the user wants to stop. */
static bool read_answer(int fd, int stop_fd, struct hg_buf *ret, struct hg_error *err)
{
    long long until = hg_clock_ms() + DEADLINE_MS, left;
    char chunk[4096];

    while ((left = until - hg_clock_ms()) > 0) {
        struct pollfd fds[2] = {
            { .fd = fd,      .events = POLLIN },
            { .fd = stop_fd, .events = POLLIN }
        };
        ssize_t n;

        if (poll(fds, 2, (int)left) < 0 && errno != EINTR) {
            return hg_fail(err, HG_E_IO, "poll: %s", strerror(errno));
        }
        if (fds[1].revents != 0) {
            return hg_fail(err, HG_E_USAGE, "interrupted");
        }
        if (fds[0].revents == 0) {
            continue;
        }
        n = read(fd, chunk, sizeof(chunk));
        if (n <= 0) {
            return n == 0 || hg_fail(err, HG_E_IO, "a pipe: %s", strerror(errno));
        }
        hg_buf_put(ret, chunk, (size_t)n);
        if (ret->len > MAX_ANSWER) {
            return hg_fail(err, HG_E_IO, "the probe printed more than is allowed");
        }
    }
    return hg_fail(err, HG_E_USAGE, "the secret was not there within %d s", DEADLINE_MS / 1000);
}

static json_t *take_answer(const char *text, struct hg_error *err)
{
    HG_AUTO(hg_facts_freep) struct hg_facts *facts = hg_facts_new("init");
    struct hg_fact fact;

    while (facts != NULL && *text != '\0') {
        size_t len = strcspn(text, "\n");
        json_auto_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

        if (json_object_get(line, "key") != NULL && !hg_facts_put_line(facts, line, err)) {
            return NULL;
        }
        text += len + (text[len] == '\n');
    }
    if (facts == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    fact = hg_facts_get(facts, "secret.payload");
    if (fact.state == HG_FACT_KNOWN && json_is_object(fact.value)) {
        return json_incref(fact.value);
    }
    hg_fail(err, HG_E_USAGE, "%s",
            fact.reason ? fact.reason : "the probe did not say what is in the secret");
    return NULL;
}

static bool start(const char *const *dirs, int secret, struct hg_child *probe, int *ret_out,
                  struct hg_error *err)
{
    static const char *const environment[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8",
                                               HG_QUIET_MONGOC, NULL };
    char *path = any_probe(dirs, err);
    const char *argv[] = { path, "--payload", NULL };
    int out[2];
    bool ok;

    if (path == NULL) {
        return false;
    }
    if (pipe2(out, O_CLOEXEC) != 0) {
        free(path);
        return hg_fail(err, HG_E_IO, "no pipe: %s", strerror(errno));
    }
    ok = hg_child_start(probe, argv, environment,
                        (const struct hg_child_fd[]){
                            { 1, out[1] },
                            { 3, secret }
    },
                        2, err);
    close(out[1]);
    free(path);
    if (!ok) {
        close(out[0]);
        return false;
    }
    *ret_out = out[0];
    return true;
}

json_t *hg_payload_describe(const char *const *probe_dirs, const struct hg_secret_ref *secret,
                            int stop_fd, struct hg_error *err)
{
    struct hg_target target = { .id = "init", .engine = "network", .secret = *secret };
    const struct hg_plan plan = { .targets = &target, .n_targets = 1 };
    struct hg_child probe = { .pidfd = -1 }, resolver = { .pidfd = -1 };
    HG_AUTO(hg_vault_freep)
    struct hg_vault *vault = hg_vault_open(&plan, (const bool[]){ true }, false, err);
    HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };
    int secret_fd = -1, out = -1;
    json_t *ret = NULL;

    if (vault != NULL && hg_secret_open(vault, secret, &secret_fd, &resolver, err) &&
        start(probe_dirs, secret_fd, &probe, &out, err)) {
        close(secret_fd);
        secret_fd = -1;
        if (read_answer(out, stop_fd, &text, err)) {
            ret = take_answer(hg_buf_text(&text), err);
        }
        close(out);
    }
    if (secret_fd >= 0) {
        close(secret_fd);
    }
    hg_child_kill(&probe);
    hg_child_kill(&resolver);
    return ret;
}
