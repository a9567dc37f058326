/* SPDX-License-Identifier: Apache-2.0 */
/* init_ask.c - a draft from questions at a terminal. They stand on standard error. No answer is
 * repeated in a message: whoever misreads a question may type a password. */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/init.h"

#define MAX_ANSWER 4096

struct ask {
    struct hg_init *init;
    struct hg_error *err;
    char answer[MAX_ANSWER]; /* the last one, without blanks around it */
};

/* ---- a line ---- */

static bool read_line(struct ask *a, struct hg_buf *line)
{
    struct pollfd fds[2] = {
        { .fd = STDIN_FILENO,     .events = POLLIN },
        { .fd = a->init->stop_fd, .events = POLLIN }
    };
    char c;

    for (;;) {
        ssize_t n;

        if (poll(fds, 2, -1) < 0) {
            if (errno != EINTR) {
                return hg_fail(a->err, HG_E_IO, "poll: %s", strerror(errno));
            }
            continue;
        }
        if (fds[1].revents != 0) {
            return hg_fail(a->err, HG_E_USAGE, "interrupted");
        }
        n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            fputc('\n', stderr);
            return hg_fail(a->err, HG_E_USAGE,
                           "the answers ended before the plan was whole; nothing was written");
        }
        if (c == '\n') {
            return hg_buf_ok(line) || hg_fail_nomem(a->err);
        }
        if (line->len <= MAX_ANSWER) {
            hg_buf_putc(line, c);
        }
    }
}

/* A payload or a connection string is no answer to any question. */
static bool is_secret(const char *text)
{
    const char *scheme = strstr(text, "://");

    return text[0] == '{' || (scheme != NULL && strchr(scheme, '@') != NULL) ||
           strcasestr(text, "password=") != NULL || strcasestr(text, "passwd=") != NULL ||
           strcasestr(text, "pwd=") != NULL;
}

static bool is_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) {
            return false;
        }
    }
    return hg_utf8_valid(text, len);
}

/* Asks until there is an answer that can be one; it is empty where Enter is. */
static bool ask(struct ask *a, const char *fmt, ...) HG_PRINTF(2, 3);
static bool ask(struct ask *a, const char *fmt, ...)
{
    char question[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(question, sizeof(question), fmt, ap);
    va_end(ap);
    for (;;) {
        HG_AUTO(hg_buf_done) struct hg_buf line = { 0 };
        const char *text;
        size_t len;

        fprintf(stderr, "%s: ", question);
        if (!read_line(a, &line)) {
            return false;
        }
        text = hg_buf_text(&line) + strspn(hg_buf_text(&line), " \t\r");
        len = strlen(text);
        while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL) {
            len--;
        }
        if (line.len >= MAX_ANSWER || !is_text(text, len)) {
            hg_init_say("  That cannot be read as one line of text.");
        } else if (is_secret(text)) {
            hg_init_say(
                "  That may hold a secret: here goes only where it is. Nothing of it was kept.");
        } else {
            snprintf(a->answer, sizeof(a->answer), "%.*s", (int)len, text);
            return true;
        }
    }
}

/* One of the words, or the beginning of it; `otherwise` (or NULL) is what Enter means. */
static bool ask_word(struct ask *a, const char *question, const char *const *words,
                     const char *otherwise, const char **ret)
{
    for (;;) {
        if (!(otherwise ? ask(a, "%s [%s]", question, otherwise) : ask(a, "%s", question))) {
            return false;
        }
        if (a->answer[0] == '\0' && otherwise != NULL) {
            *ret = otherwise;
            return true;
        }
        for (size_t i = 0; words[i] != NULL; i++) {
            if (a->answer[0] != '\0' &&
                strncasecmp(words[i], a->answer, strlen(a->answer)) == 0) {
                *ret = words[i];
                return true;
            }
        }
        hg_init_say("  One of the words, please.");
    }
}

static bool ask_yes(struct ask *a, const char *question, bool *ret)
{
    static const char *const words[] = { "yes", "no", NULL };
    const char *word;

    if (!ask_word(a, question, words, "no", &word)) {
        return false;
    }
    *ret = word == words[0];
    return true;
}

/* ---- the secret ---- */

/* Words as a shell would cut them, quotes taken off; NULL where a quote is open or where only a
 * shell could do what is meant. */
static json_t *split_words(const char *text)
{
    json_auto_t *words = json_array();

    while (*(text += strspn(text, " \t")) != '\0') {
        HG_AUTO(hg_buf_done) struct hg_buf word = { 0 };

        while (*text != '\0' && strchr(" \t", *text) == NULL) {
            const char *end = *text == '\'' || *text == '"' ? strchr(text + 1, *text) : NULL;

            if (end != NULL) {
                hg_buf_put(&word, text + 1, (size_t)(end - text) - 1);
                text = end + 1;
            } else if (strchr("'\"|&;<>()$`\\", *text) != NULL) {
                return NULL;
            } else {
                hg_buf_putc(&word, *text++);
            }
        }
        json_array_append_new(words, json_string(hg_buf_text(&word)));
    }
    return json_string_length(json_array_get(words, 0)) > 0 ? hg_steal(&words) : NULL;
}

/* What the secret names, where it can be read now. False: no answer; NULL: it cannot. */
static bool look(struct ask *a, const struct hg_secret_ref *ref, json_t **ret)
{
    struct hg_error err = { 0 };

    *ret = hg_payload_describe(a->init->dirs.items, ref, a->init->stop_fd, &err);
    if (*ret == NULL && strcmp(err.text, "interrupted") == 0) {
        return hg_fail(a->err, HG_E_USAGE, "interrupted");
    }
    if (*ret == NULL) {
        hg_init_say("  It cannot be read: %s", err.text);
    }
    return true;
}

static bool ask_file(struct ask *a, json_t *target, json_t **ret)
{
    const char *home = getenv("HOME");

    for (;;) {
        HG_AUTO(hg_buf_done) struct hg_buf path = { 0 };
        struct stat st;

        if (!ask(a, "  path of the file with the payload (JSON)")) {
            return false;
        }
        if (a->answer[0] == '~' && a->answer[1] == '/' && home != NULL) {
            hg_buf_puts(&path, home);
        }
        hg_buf_puts(&path, a->answer + (path.len > 0));
        if (stat(hg_buf_text(&path), &st) != 0) {
            hg_init_say("  There is no such file: %s.", strerror(errno));
            continue;
        }
        if (!S_ISREG(st.st_mode)) {
            hg_init_say("  That is no file that every run can read again.");
            continue;
        }
        if (!look(a,
                  &(struct hg_secret_ref){ .kind = HG_SECRET_FILE, .name = hg_buf_text(&path) },
                  ret)) {
            return false;
        }
        if (*ret != NULL) {
            json_object_set_new(target, "file", json_string(hg_buf_text(&path)));
            hg_init_note_mode(a->init, hg_buf_text(&path));
            return true;
        }
    }
}

static bool ask_variable(struct ask *a, json_t *target, json_t **ret)
{
    static const char chars[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

    for (;;) {
        const char *name = a->answer, *value;

        if (!ask(a, "  name of the variable")) {
            return false;
        }
        if (name[0] == '\0' || strspn(name, chars) != strlen(name) || strlen(name) > 100 ||
            (name[0] >= '0' && name[0] <= '9')) {
            hg_init_say("  The name only: letters, digits and _.");
            continue;
        }
        value = getenv(name);
        json_object_set_new(target, "env", json_string(name));
        if (value != NULL && value[0] != '\0') {
            return look(a, &(struct hg_secret_ref){ .kind = HG_SECRET_ENV, .name = name }, ret);
        }
        hg_init_say("  It is not set here and now, so that host and database are not known.");
        return true;
    }
}

static bool ask_command(struct ask *a, json_t *target, json_t **ret)
{
    json_t *words = NULL;
    bool now = false;

    while (words == NULL) {
        if (!ask(a, "  the command that prints the payload")) {
            return false;
        }
        words = split_words(a->answer);
        if (words == NULL) {
            hg_init_say(
                "  One program and its words: no shell runs it (for a pipe: sh -c '...').");
        }
    }
    json_object_set_new(target, "command", words);
    if (!ask_yes(a, "  run it now, to see host and database", &now)) {
        return false;
    }
    return !now ||
           look(a, &(struct hg_secret_ref){ .kind = HG_SECRET_COMMAND, .command = words }, ret);
}

/* ---- what the secret does not say ---- */

static bool ask_database(struct ask *a, json_t *target)
{
    for (;;) {
        if (!ask(a, "  database (Enter: not known)")) {
            return false;
        }
        if (a->answer[0] == '\0') {
            return true;
        }
        if (hg_init_is_name(a->answer)) {
            json_object_set_new(target, "database", json_string(a->answer));
            return true;
        }
        hg_init_say(
            "  A name of letters, digits, - and _; another one goes into the plan by hand.");
    }
}

/* HOST:PORT that is dialled instead of what the secret says. */
static bool ask_connect(struct ask *a, json_t *target, const char *question)
{
    for (;;) {
        if (!ask(a, "%s", question)) {
            return false;
        }
        if (a->answer[0] == '\0' || hg_init_connect(target, a->answer)) {
            return true;
        }
        hg_init_say("  HOST:PORT, such as 127.0.0.1:13306.");
    }
}

static bool is_scope(const char *text)
{
    const char *dot = strchr(text, '.');

    return dot != NULL && dot != text && dot[1] != '\0' &&
           strspn(text,
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*?") ==
               strlen(text);
}

/* "a.*, b.c" → a list; NULL when one of them is none. */
static json_t *split_scope(const char *text)
{
    json_auto_t *scope = json_array();

    while (*(text += strspn(text, " ,")) != '\0') {
        size_t len = strcspn(text, " ,");
        char one[200];

        snprintf(one, sizeof(one), "%.*s", (int)len, text);
        if (len >= sizeof(one) || !is_scope(one)) {
            return NULL;
        }
        json_array_append_new(scope, json_string(one));
        text += len;
    }
    return hg_steal(&scope);
}

static bool ask_scope(struct ask *a, json_t *target)
{
    const char *engine = json_string_value(json_object_get(target, "engine"));
    const char *database = json_string_value(json_object_get(target, "database"));
    char otherwise[100] = "all";
    json_t *scope;

    if (strcmp(engine, "postgres") == 0) {
        snprintf(otherwise, sizeof(otherwise), "public.*");
    } else if (database != NULL && strcmp(engine, "mysql") == 0) {
        snprintf(otherwise, sizeof(otherwise), "%s.*", database);
    }
    for (;;) {
        if (!ask(a, "  tables that are streamed, as %s, with commas between [%s]",
                 strcmp(engine, "postgres") == 0 ? "SCHEMA.TABLE" : "DATABASE.TABLE",
                 otherwise)) {
            return false;
        }
        if (a->answer[0] == '\0') {
            return true; /* as for a payload file */
        }
        scope = split_scope(a->answer);
        if (scope != NULL) {
            json_object_set_new(target, "scope", scope);
            return true;
        }
        hg_init_say("  Names with a dot between, * for all: orders.*, orders.lines.");
    }
}

/* ---- a target ---- */

static bool ask_id(struct ask *a, json_t *target)
{
    const char *file = json_string_value(json_object_get(target, "file"));
    const char *env = json_string_value(json_object_get(target, "env"));
    const char *engine = json_string_value(json_object_get(target, "engine"));
    char *id = hg_init_id(file ? file : env ? env : engine);

    for (char *p = id; env != NULL && p != NULL && *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    }
    while (id != NULL && ask(a, "  name of this target [%s]", id)) {
        if (a->answer[0] == '\0' || (hg_init_is_name(a->answer) && strcmp(a->answer, "plan"))) {
            json_object_set_new(target, "id", json_string(a->answer[0] ? a->answer : id));
            free(id);
            return true;
        }
        hg_init_say("  A word of letters, digits, - and _ (and not `plan`).");
    }
    free(id);
    return hg_fail_nomem(a->err); /* where it was no answer, that stands there already */
}

static void tell_payload(const json_t *target)
{
    const char *host = json_string_value(json_object_get(target, "host"));
    const char *database = json_string_value(json_object_get(target, "database"));
    const char *user = json_string_value(json_object_get(target, "username"));

    hg_init_say("  It names the host %s, the database %s and the user %s.",
                host ? host : "(none)", database ? database : "(none)", user ? user : "(none)");
}

static bool ask_secret(struct ask *a, json_t *target, json_t **ret)
{
    static const char *const kinds[] = { "file", "env", "command", NULL };
    const char *kind;

    if (!ask_word(a, "where is the secret: file, env (a variable) or command", kinds, "file",
                  &kind)) {
        return false;
    }
    return kind == kinds[0]   ? ask_file(a, target, ret)
           : kind == kinds[1] ? ask_variable(a, target, ret)
                              : ask_command(a, target, ret);
}

static bool ask_engine(struct ask *a, json_t *target, const json_t *payload)
{
    static const char *const engines[] = { "mysql", "postgres", "mongodb", NULL };
    const char *file = json_string_value(json_object_get(target, "file"));
    const char *slash = file ? strrchr(file, '/') : NULL;
    const char *engine = payload ? hg_init_payload_engine(payload) : NULL;

    if (engine == NULL && file != NULL) {
        engine = hg_init_engine_hint(slash ? slash + 1 : file);
    }
    if (!ask_word(a, "  engine: mysql (or MariaDB), postgres or mongodb", engines, engine,
                  &engine)) {
        return false;
    }
    return json_object_set_new(target, "engine", json_string(engine)) == 0;
}

static bool ask_target(struct ask *a)
{
    json_auto_t *target = json_object();
    json_t *payload = NULL;
    bool ok = ask_secret(a, target, &payload) && ask_engine(a, target, payload) &&
              ask_id(a, target);

    if (ok) {
        hg_init_add(a->init, target);
    }
    if (ok && payload != NULL) {
        hg_init_take_payload(a->init, target, payload, "its secret");
        tell_payload(target);
    } else if (ok) {
        if (json_object_get(target, "env") != NULL) {
            hg_init_note(a->init,
                         "%s: the variable %s is to hold its secret: the JSON document",
                         json_string_value(json_object_get(target, "id")),
                         json_string_value(json_object_get(target, "env")));
        }
        ok = ask_database(a, target) &&
             ask_connect(a, target, "  HOST:PORT to dial (Enter: what the secret will say)");
    }
    json_decref(payload);
    return ok && ask_scope(a, target);
}

/* ---- what holds for all ---- */

static bool ask_vantage(struct ask *a)
{
    static const char *const words[] = { "inside", "tunnel", "outside", "unknown", NULL };
    const char *word;
    json_t *target;
    size_t i;

    if (a->init->vantage == NULL) {
        if (!ask_word(a,
                      "where headgate runs: inside the databases' network, tunnel or outside",
                      words, "unknown", &word)) {
            return false;
        }
        a->init->vantage = strcmp(word, "unknown") == 0 ? NULL : word;
    }
    json_array_foreach (a->init->targets, i, target) {
        char question[200];

        if (a->init->vantage == NULL || strcmp(a->init->vantage, "tunnel") != 0 ||
            json_object_get(target, "connect") != NULL) {
            continue;
        }
        snprintf(question, sizeof(question),
                 "  near end of %.60s's tunnel, HOST:PORT (Enter: what the secret says)",
                 json_string_value(json_object_get(target, "id")));
        if (!ask_connect(a, target, question)) {
            return false;
        }
    }
    return true;
}

static bool ask_ca(struct ask *a)
{
    while (a->init->ca == NULL) {
        if (!ask(a, "file of the CA that signed the servers' certificates (Enter: the system's "
                    "CAs)")) {
            return false;
        }
        if (a->answer[0] == '\0') {
            return true;
        }
        if (access(a->answer, R_OK) == 0) {
            json_array_append_new(a->init->kept, json_string(a->answer));
            a->init->ca = json_string_value(
                json_array_get(a->init->kept, json_array_size(a->init->kept) - 1));
        } else {
            hg_init_say("  It cannot be read: %s.", strerror(errno));
        }
    }
    return true;
}

bool hg_init_ask(struct hg_init *init, struct hg_error *err)
{
    struct ask a = { .init = init, .err = err };
    bool more = true;

    fputs("A first plan, in a few questions. Enter takes what stands in [ ]; Ctrl-C leaves.\n"
          "No password is asked for, and none belongs in an answer.\n\n",
          stderr);
    while (more) {
        if (!ask_target(&a) || !ask_yes(&a, "another database", &more)) {
            return false;
        }
    }
    return ask_vantage(&a) && ask_ca(&a);
}
