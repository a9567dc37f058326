/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_init.c - writes a first plan: from payload files, from Terraform's, or from questions. */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/init.h"

static bool interrupted(const struct hg_init *init)
{
    struct pollfd fd = { .fd = init->stop_fd, .events = POLLIN };

    return init->stop_fd >= 0 && poll(&fd, 1, 0) > 0;
}

void hg_init_say(const char *fmt, ...)
{
    HG_AUTO(hg_buf_done) struct hg_buf clean = { 0 };
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    hg_text_clean(&clean, text, strlen(text), sizeof(text));
    fprintf(stderr, "%s\n", hg_buf_text(&clean));
}

void hg_init_note(struct hg_init *init, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    json_array_append_new(init->notes, json_string_nocheck(text));
}

/* ---- the options ---- */

static bool is_plan(const char *path)
{
    HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };
    struct hg_error ignored = { 0 };

    return hg_file_read(path, 1 << 20, &text, &ignored) &&
           (strncmp(hg_buf_text(&text), "headgate:", 9) == 0 ||
            strstr(hg_buf_text(&text), "\nheadgate:") != NULL);
}

/* Asked first: nobody shall answer questions for nothing. With --force, too, only a plan is
 * written over: a shell that expands -o names a secret soon. */
static bool may_write(const struct hg_init *init, struct hg_error *err)
{
    const char *path = init->output, *slash = strrchr(path, '/');
    char dir[4096];
    struct stat st;
    bool there = lstat(path, &st) == 0;

    /* A device or a pipe is written to itself: its folder need not be ours. */
    if (strcmp(path, "-") == 0 || (there && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))) {
        return true;
    }
    snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (access(dir[0] ? dir : "/", W_OK) != 0) {
        return hg_fail(err, HG_E_USAGE, "%s cannot be written: %s", path, strerror(errno));
    }
    if (!there) {
        return true;
    }
    if (!init->cli->force) {
        return hg_fail(err, HG_E_USAGE,
                       "%s is there already and is left alone; --force writes over it, "
                       "-o FILE elsewhere",
                       path);
    }
    return (S_ISREG(st.st_mode) && is_plan(path)) ||
           hg_fail(err, HG_E_USAGE, "%s is there already and is no plan: it is left alone",
                   path);
}

static bool take_options(struct hg_init *init, struct hg_error *err)
{
    const struct hg_cli *cli = init->cli;

    init->output = cli->output ? cli->output : "plan.yaml";
    init->vantage = cli->vantage;
    init->ca = cli->ca;
    if (init->vantage != NULL && strcmp(init->vantage, "inside") != 0 &&
        strcmp(init->vantage, "tunnel") != 0 && strcmp(init->vantage, "outside") != 0) {
        return hg_fail(err, HG_E_USAGE, "--vantage `%.40s` is not inside, tunnel or outside",
                       init->vantage);
    }
    if (init->ca != NULL && access(init->ca, R_OK) != 0) {
        return hg_fail(err, HG_E_USAGE, "--ca %s: %s", init->ca, strerror(errno));
    }
    return may_write(init, err);
}

static json_t *find_target(const struct hg_init *init, const char *id, size_t len)
{
    size_t i;
    json_t *target;

    json_array_foreach (init->targets, i, target) {
        const char *name = json_string_value(json_object_get(target, "id"));

        if (strlen(name) == len && strncmp(name, id, len) == 0) {
            return target;
        }
    }
    return NULL;
}

bool hg_init_connect(json_t *target, const char *host)
{
    const char *colon = strrchr(host, ':');
    size_t len = colon ? (size_t)(colon - host) : 0;
    char name[256], *end = NULL;
    long port = colon && colon[1] >= '0' && colon[1] <= '9' ? strtol(colon + 1, &end, 10) : 0;

    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    snprintf(name, sizeof(name), "%.*s", len > 0 ? (int)len : 9, len > 0 ? host : "127.0.0.1");
    return port >= 1 && port <= 65535 && *end == '\0' && len < sizeof(name) &&
           hg_init_is_host(name) &&
           json_object_set_new(target, "connect",
                               json_pack("{s:s, s:i}", "host", name, "port", (int)port)) == 0;
}

/* TARGET=HOST:PORT of the command line. */
static bool take_connect(struct hg_init *init, const char *word, struct hg_error *err)
{
    size_t len = strcspn(word, "=");
    json_t *target = word[len] == '=' ? find_target(init, word, len) : NULL;
    json_auto_t *nobody = json_object();

    if (word[len] == '\0' || !hg_init_connect(target ? target : nobody, word + len + 1)) {
        return hg_fail(err, HG_E_USAGE, "--connect `%s` is not TARGET=HOST:PORT", word);
    }
    if (target == NULL) {
        HG_AUTO(hg_buf_done) struct hg_buf names = { 0 };
        size_t i;
        json_t *t;

        json_array_foreach (init->targets, i, t) {
            hg_buf_printf(&names, "%s%s", i > 0 ? ", " : "",
                          json_string_value(json_object_get(t, "id")));
        }
        return hg_fail(err, HG_E_USAGE, "--connect: there is no target `%.*s`; there %s %s",
                       (int)len, word, json_array_size(init->targets) == 1 ? "is" : "are",
                       hg_buf_text(&names));
    }
    return true;
}

/* ---- the plan ---- */

static char *folder_of(const char *path)
{
    const char *slash = strcmp(path, "-") == 0 ? NULL : strrchr(path, '/');
    char *dir = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    char *real = dir ? realpath(dir[0] ? dir : "/", NULL) : NULL;

    free(dir);
    return real;
}

/* What the loader says of a plan that nobody has seen, without the name of its file. */
static void forget_path(const char *path, struct hg_error *err)
{
    size_t len = strlen(path);
    const char *rest = strncmp(err->text, path, len) == 0 ? strstr(err->text, ": ") : NULL;

    if (rest != NULL) {
        memmove(err->text, rest + 2, strlen(rest + 2) + 1);
    }
}

/* Loads what would be written, as every command will: a plan that does not load is our fault
 * and is not written. */
static bool loads(const struct hg_init *init, const struct hg_buf *text, struct hg_error *err)
{
    HG_AUTO(hg_loaded_done) struct hg_loaded loaded = { 0 };
    struct hg_cli cli = { .command = "init", .checks = init->cli->checks, .n_operands = 1 };
    int fd = memfd_create("plan", MFD_CLOEXEC);
    char path[64];
    bool ok;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    cli.operands[0] = path;
    ok = fd >= 0 ? hg_fd_write(fd, "a plan", hg_buf_text(text), text->len, err)
                 : hg_fail(err, HG_E_IO, "memfd_create: %s", strerror(errno));
    ok = ok && hg_cli_load(&cli, &loaded, err);
    if (fd >= 0) {
        close(fd);
    }
    forget_path(path, err);
    err->excerpt[0] = '\0'; /* a line of a file that nobody has */
    return ok;
}

static bool write_plan(const struct hg_init *init, struct hg_error *err)
{
    HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };
    char *dir = folder_of(init->output);

    if (dir == NULL) {
        return hg_fail(err, HG_E_USAGE, "%s: %s", init->output, strerror(errno));
    }
    hg_init_compose(init, dir, &text);
    free(dir);
    return (hg_buf_ok(&text) || hg_fail_nomem(err)) && loads(init, &text, err) &&
           hg_file_write(init->output, 0644, hg_buf_text(&text), text.len, err);
}

static void say_target(const json_t *target)
{
    const char *host = json_string_value(json_object_get(target, "host"));
    const char *database = json_string_value(json_object_get(target, "database"));
    long long port = json_integer_value(json_object_get(target, "port"));
    char where[300] = "", at[24] = "";

    if (host != NULL) {
        if (port > 0) {
            snprintf(at, sizeof(at), ":%lld", port);
        }
        snprintf(where, sizeof(where), strchr(host, ':') ? "[%.250s]%s" : "%.250s%s", host, at);
    }
    hg_init_say(where[0] || database ? "  %-16s %-9s %s%s%s" : "  %-16s %s",
                json_string_value(json_object_get(target, "id")),
                json_string_value(json_object_get(target, "engine")), where,
                database && where[0] ? ", " : "", database ? database : "");
}

static void say_next(const struct hg_init *init)
{
    bool file = strcmp(init->output, "-") != 0;
    HG_AUTO(hg_buf_done) struct hg_buf plan = { 0 };
    size_t n = json_array_size(init->targets), i;
    json_t *item;

    hg_init_shell_word(&plan, file ? init->output : "PLAN");
    hg_init_say("headgate: wrote %s: %zu target%s, no secret", file ? init->output : "a plan",
                n, n == 1 ? "" : "s");
    json_array_foreach (init->targets, i, item) {
        say_target(item);
    }
    if (json_array_size(init->notes) > 0) {
        hg_init_say("before the first run:");
    }
    json_array_foreach (init->notes, i, item) {
        hg_init_say("  - %s", json_string_value(item));
    }
    hg_init_say("next:");
    hg_init_say("  headgate plan %-18s what would be contacted and sent, without doing it",
                hg_buf_text(&plan));
    hg_init_say("  headgate run %-19s look, read only; --prove also streams for a moment",
                hg_buf_text(&plan));
}

static bool make(struct hg_init *init, struct hg_error *err)
{
    if (!take_options(init, err)) {
        return false;
    }
    if (init->cli->n_operands > 0 || init->cli->terraform != NULL) {
        if (!hg_init_operands(init, err) ||
            (init->cli->terraform != NULL && !hg_init_terraform(init, err))) {
            return false;
        }
    } else if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return hg_fail(err, HG_E_USAGE,
                       "`headgate init` wants secret payload files (secrets/*.json), "
                       "--from-terraform DIR, or a terminal to ask questions at; see --help");
    } else if (!hg_init_ask(init, err)) {
        return false;
    }
    for (size_t i = 0; init->cli->connect[i] != NULL; i++) {
        if (!take_connect(init, init->cli->connect[i], err)) {
            return false;
        }
    }
    hg_init_note_loopback(init);
    return write_plan(init, err);
}

int hg_cmd_init(struct hg_cli *cli)
{
    struct hg_init init = { .cli = cli, .stop_fd = -1 };
    struct hg_error err = { 0 };
    int status = 0;

    hg_cli_probe_dirs(cli, &init.dirs);
    init.stop_fd = hg_cli_catch_signals();
    init.targets = json_array();
    init.notes = json_array();
    init.ranges = json_array();
    init.kept = json_array();
    if (make(&init, &err)) {
        say_next(&init);
    } else if (interrupted(&init)) {
        fputs("\nheadgate: interrupted; nothing was written\n", stderr);
        status = 130;
    } else {
        status = hg_cli_fail(&err);
    }
    json_decref(init.targets);
    json_decref(init.notes);
    json_decref(init.ranges);
    json_decref(init.kept);
    hg_cli_dirs_done(&init.dirs);
    return status;
}
