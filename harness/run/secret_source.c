/* SPDX-License-Identifier: Apache-2.0 */
#include "run/secret_source.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* What fits into a pipe without a reader; the probe takes no more either. */
#define MAX_PAYLOAD 65536

struct variable {
    const char *name;
    char *value;
};

struct hg_vault {
    struct variable *variables;
    size_t n;
};

extern char **environ;

static void wipe(char *text)
{
    volatile char *p = text;

    while (*p != '\0') {
        *p++ = '\0';
    }
}

static const char *stored(const struct hg_vault *vault, const char *name)
{
    for (size_t i = 0; i < vault->n; i++) {
        if (strcmp(vault->variables[i].name, name) == 0) {
            return vault->variables[i].value;
        }
    }
    return NULL;
}

/* Copies the value and overwrites it in place: /proc/PID/environ shows the memory, and
 * unsetenv() alone would leave it there. */
static bool take_variable(struct hg_vault *vault, const char *name, const char *target,
                          struct hg_error *err)
{
    char *value = getenv(name);
    struct variable *v = &vault->variables[vault->n];

    if (stored(vault, name) != NULL) {
        return true;
    }
    if (value == NULL || value[0] == '\0') {
        return hg_fail(
            err, HG_E_USAGE,
            "target %s: the variable %s that holds its secret is not set; type: export "
            "%s='{\"hostname\": ..., \"port\": ..., \"username\": ..., \"password\": "
            "..., \"database\": ...}'",
            target, name, name);
    }
    if (strlen(value) > MAX_PAYLOAD) {
        return hg_fail(err, HG_E_USAGE, "target %s: the secret in %s is larger than 64 KiB",
                       target, name);
    }
    v->name = name;
    v->value = strdup(value);
    if (v->value == NULL) {
        return hg_fail_nomem(err);
    }
    vault->n++;
    wipe(value);
    unsetenv(name);
    return true;
}

/* Is there such a program? Asked before anybody is contacted; whether it has the secret shows
 * when it runs. */
static bool is_program(const char *name)
{
    const char *path = getenv("PATH");
    char full[4096];

    if (strchr(name, '/') != NULL) {
        return access(name, X_OK) == 0;
    }
    for (path = path ? path : "/bin:/usr/bin"; *path != '\0'; path += *path == ':') {
        size_t len = strcspn(path, ":");

        snprintf(full, sizeof(full), "%.*s/%s", (int)len, path, name);
        if (len > 0 && access(full, X_OK) == 0) {
            return true;
        }
        path += len;
    }
    return false;
}

static bool can_be_read_again(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool prepare(struct hg_vault *vault, const struct hg_secret_ref *ref, const char *target,
                    bool again, struct hg_error *err)
{
    if (ref->kind == HG_SECRET_ENV) {
        return take_variable(vault, ref->name, target, err);
    }
    if (ref->kind == HG_SECRET_FILE && access(ref->name, R_OK) != 0) {
        return hg_fail(err, HG_E_USAGE, "target %s: its secret %s cannot be read: %s", target,
                       ref->name, strerror(errno));
    }
    if (ref->kind == HG_SECRET_FILE && again && !can_be_read_again(ref->name)) {
        return hg_fail(err, HG_E_USAGE,
                       "target %s: its secret %s is no regular file, and --wait may have to "
                       "read it again; name a file, a variable or a command",
                       target, ref->name);
    }
    if (ref->kind == HG_SECRET_COMMAND &&
        !is_program(json_string_value(json_array_get(ref->command, 0)))) {
        return hg_fail(err, HG_E_USAGE,
                       "target %s: there is no program `%s` to print its secret", target,
                       json_string_value(json_array_get(ref->command, 0)));
    }
    return true;
}

/* A variable that is not asked for in this run goes out of the environment all the same. */
static void forget(const struct hg_secret_ref *ref)
{
    char *value = ref->kind == HG_SECRET_ENV ? getenv(ref->name) : NULL;

    if (value != NULL) {
        wipe(value);
        unsetenv(ref->name);
    }
}

struct hg_vault *hg_vault_open(const struct hg_plan *plan, const bool *wanted, bool again,
                               struct hg_error *err)
{
    HG_AUTO(hg_vault_freep) struct hg_vault *vault = calloc(1, sizeof(*vault));

    if (vault != NULL) {
        vault->variables = calloc(plan->n_targets * 2 + 1, sizeof(*vault->variables));
    }
    if (vault == NULL || vault->variables == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    for (size_t i = 0; i < plan->n_targets; i++) {
        const struct hg_target *t = &plan->targets[i];

        if (wanted[i] && (!prepare(vault, &t->secret, t->id, again, err) ||
                          !prepare(vault, &t->auditor, t->id, again, err))) {
            return NULL;
        }
    }
    /* Last, for two targets may name one variable: what is left no command shall inherit. */
    for (size_t i = 0; i < plan->n_targets; i++) {
        forget(&plan->targets[i].secret);
        forget(&plan->targets[i].auditor);
    }
    return hg_steal(&vault);
}

void hg_vault_free(struct hg_vault *vault)
{
    if (vault == NULL) {
        return;
    }
    for (size_t i = 0; i < vault->n; i++) {
        wipe(vault->variables[i].value);
        free(vault->variables[i].value);
    }
    free(vault->variables);
    free(vault);
}

static bool open_variable(const struct hg_vault *vault, const char *name, int *ret_fd,
                          struct hg_error *err)
{
    const char *value = stored(vault, name);
    int fds[2];
    bool ok;

    if (value == NULL || pipe2(fds, O_CLOEXEC) != 0) {
        return hg_fail(err, HG_E_IO, "the secret in %s cannot be handed on: %s", name,
                       strerror(errno));
    }
    ok = hg_fd_write(fds[1], "a pipe", value, strlen(value), err);
    close(fds[1]);
    if (!ok) {
        close(fds[0]);
        return false;
    }
    *ret_fd = fds[0];
    return true;
}

static bool open_command(const json_t *words, int *ret_fd, struct hg_child *ret_child,
                         struct hg_error *err)
{
    size_t n = json_array_size(words);
    const char **argv = calloc(n + 1, sizeof(*argv));
    int fds[2];
    bool ok;

    if (argv == NULL || pipe2(fds, O_CLOEXEC) != 0) {
        free(argv);
        return hg_fail(err, HG_E_IO, "the secret's command cannot be started: %s",
                       strerror(errno));
    }
    for (size_t i = 0; i < n; i++) {
        argv[i] = json_string_value(json_array_get(words, i));
    }
    /* Its messages go to our standard error: it may have to say why it has no secret. */
    ok = hg_child_start(ret_child, argv, (const char *const *)environ,
                        (const struct hg_child_fd[]){
                            { 1, fds[1]        },
                            { 2, STDERR_FILENO }
    },
                        2, err);
    free(argv);
    close(fds[1]);
    if (!ok) {
        close(fds[0]);
        return false;
    }
    *ret_fd = fds[0];
    return true;
}

bool hg_secret_open(const struct hg_vault *vault, const struct hg_secret_ref *ref, int *ret_fd,
                    struct hg_child *ret_child, struct hg_error *err)
{
    switch (ref->kind) {
    case HG_SECRET_ENV:
        return open_variable(vault, ref->name, ret_fd, err);
    case HG_SECRET_COMMAND:
        return open_command(ref->command, ret_fd, ret_child, err);
    case HG_SECRET_FILE:
        /* A named pipe that nobody writes to must not hold us beyond every deadline: opened
         * without waiting, and read with waiting by the probe, whose time is limited. */
        *ret_fd = open(ref->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        return (*ret_fd >= 0 && fcntl(*ret_fd, F_SETFL, 0) == 0) ||
               hg_fail(err, HG_E_IO, "%s: %s", ref->name, strerror(errno));
    default:
        *ret_fd = -1;
        return true;
    }
}
