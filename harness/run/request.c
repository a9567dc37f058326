/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "rules/rule.h"
#include "run/run.h"

static void want(json_t *keys, const char *engine, const char *what)
{
    char key[96];

    snprintf(key, sizeof(key), "%s.%s", engine, what);
    json_object_set_new(keys, key, json_true());
}

/* Only what the selected checks name, and what every report shows. */
static json_t *wanted_facts(const struct hg_plan *plan, const struct hg_target *target,
                            const struct hg_checks *checks, const struct hg_options *options)
{
    json_auto_t *keys = json_object();
    json_auto_t *list = json_array();
    const char *key;
    json_t *value;
    bool any,
        *needed = hg_needed(&options->selection, plan, checks, target, options->level, &any);

    want(keys, target->engine, "connection");
    want(keys, target->engine, "server");
    want(keys, target->engine, "session");
    want(keys, "secret", "payload");
    for (size_t i = 0; i < checks->n; i++) {
        if (needed != NULL && needed[i]) {
            hg_check_keys(&checks->items[i], keys);
        }
    }
    free(needed);
    json_object_foreach (keys, key, value) {
        json_array_append_new(list, json_string(key));
    }
    return hg_steal(&list);
}

json_t *hg_request_make(const struct hg_plan *plan, const struct hg_target *target,
                        const struct hg_checks *checks, const struct hg_options *options)
{
    int deadline = target->deadline_ms > 0 ? target->deadline_ms : options->deadline_ms;

    return json_pack(
        "{s:i, s:s, s:s, s:o, s:s, s:i, s:b, s:b, s:O*, s:O*, s:O*, s:O*, s:O*}", "headgate", 1,
        "target", target->id, "engine", target->engine, "facts",
        wanted_facts(plan, target, checks, options), "level", hg_level_name(options->level),
        "deadline_ms", deadline, "secret", target->secret.kind != HG_SECRET_NONE, "auditor",
        target->auditor.kind != HG_SECRET_NONE, "connect", target->connect, "tls", target->tls,
        "scope", target->scope, "params", target->params, "endpoints", target->endpoints);
}

char *hg_probe_find(const char *const *dirs, const char *engine)
{
    char *path;

    /* An engine's name is a word of the plan: it must not lead out of the folder. */
    if (strspn(engine, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(engine)) {
        return NULL;
    }
    for (; *dirs != NULL; dirs++) {
        if (asprintf(&path, "%s/headgate-probe-%s", *dirs, engine) < 0) {
            return NULL;
        }
        if (access(path, X_OK) == 0) {
            return path;
        }
        free(path);
    }
    return NULL;
}

json_t *hg_probe_describe(const char *const *dirs, const char *engine, struct hg_error *err)
{
    char *path = hg_probe_find(dirs, engine);
    const char *argv[] = { path, "--describe", NULL };
    const char *envp[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", HG_QUIET_MONGOC, NULL };
    struct hg_child child = { .pidfd = -1 };
    struct hg_buf text = { 0 };
    int fds[2];
    json_t *doc = NULL;

    if (path == NULL) {
        hg_fail(err, HG_E_IO, "there is no probe for %s: install headgate-probe-%s", engine,
                engine);
        return NULL;
    }
    if (pipe(fds) != 0) {
        free(path);
        hg_fail(err, HG_E_IO, "no pipe");
        return NULL;
    }
    if (hg_child_start(&child, argv, envp,
                       (const struct hg_child_fd[]){
                           { 1, fds[1] }
    },
                       1, err)) {
        close(fds[1]);
        if (hg_fd_read(fds[0], path, 1 << 20, &text, err)) {
            doc = json_loadb(hg_buf_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
        }
        hg_child_kill(&child);
    } else {
        close(fds[1]);
    }
    close(fds[0]);
    hg_buf_done(&text);
    if (doc == NULL) {
        hg_fail(err, HG_E_IO, "%s --describe: no JSON came back", path);
    }
    free(path);
    return doc;
}
