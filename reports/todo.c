/* SPDX-License-Identifier: Apache-2.0 */
/* todo.c - tonight's list: for those who must act, by whom, and as scripts for each client. */
#include "reports/todo.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reports/words.h"

#define NAMED 2 /* targets in a line about restarts; more are counted */

/* ---- who has how much to do ---- */

/* "; restart of contributor": the targets on which somebody's tasks take a restart or reload.
 */
static void put_where(struct hg_buf *out, const struct hg_tasks *tasks, enum hg_who who,
                      enum hg_effect effect)
{
    const struct hg_section *section = NULL;
    struct hg_buf names = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < tasks->n; i++) {
        const struct hg_task *t = &tasks->list[i];

        if (t->who == who && t->effect == effect && !t->optional &&
            t->cause->section != section) {
            section = t->cause->section;
            hg_buf_printf(&names, "%s%s", n++ > 0 ? " and " : "", section->name);
        }
    }
    if (n > 0 && n <= NAMED && names.len <= 40) {
        hg_buf_printf(out, "; %s of %s", hg_effect_name(effect), hg_buf_text(&names));
    } else if (n > 0) {
        hg_buf_printf(out, "; %s of ", hg_effect_name(effect));
        hg_page_count(out, n, "target", "targets");
    }
    hg_buf_done(&names);
}

/* "dba       9 things, 2 of them optional; restart of contributor"; false: nothing. */
static bool put_share(struct hg_buf *out, const struct hg_tasks *tasks, enum hg_who who)
{
    size_t n = 0, optional = 0;

    for (size_t i = 0; i < tasks->n; i++) {
        n += tasks->list[i].who == who;
        optional += tasks->list[i].who == who && tasks->list[i].optional;
    }
    if (n == 0) {
        return false;
    }
    hg_page_count(out, n, "thing", "things");
    if (optional > 0) {
        hg_buf_printf(out, ", %zu optional", optional);
    }
    for (int effect = HG_RESTART; effect < HG_ONLINE; effect++) {
        put_where(out, tasks, who, (enum hg_effect)effect);
    }
    return true;
}

void hg_put_tonight(const struct hg_page *p, const struct hg_tasks *tasks)
{
    if (tasks->n == 0) {
        return;
    }
    hg_buf_putc(p->out, '\n');
    hg_page_ink(p, HG_BOLD, "TONIGHT'S LIST");
    hg_buf_puts(p->out, "\n  ");
    hg_page_flow(p, 2, 2,
                 "with statements to paste, in an order that works: --report todo=FILE");
    for (int who = 0; who < HG_WHOS; who++) {
        struct hg_buf line = { 0 };

        if (put_share(&line, tasks, (enum hg_who)who)) {
            hg_buf_printf(p->out, "  %-10s", hg_who_name((enum hg_who)who));
            hg_page_flow(p, 12, 12, hg_buf_text(&line));
        }
        hg_buf_done(&line);
    }
}

/* ---- the head of a list ---- */

static void put_top(struct hg_list *l)
{
    const struct hg_run *run = l->page.run;
    struct hg_buf line = { 0 }, why = { 0 };
    bool open = hg_put_verdict(&why, run, l->tasks->sections.n_faults);

    hg_buf_printf(&line, "Tonight's list: %s", run->name);
    hg_list_note(l, 0, hg_buf_text(&line));
    hg_buf_clear(&line);
    hg_buf_printf(&line, "%s, level %s, headgate %s. The gate is %s%s; it fails on %s%s.",
                  run->started_at, run->level, run->version,
                  open ? "OPEN" : "CLOSED: ", open ? "" : hg_buf_text(&why),
                  hg_severity_name(run->fail_on),
                  run->fail_on == HG_BLOCKER ? "" : " and worse");
    hg_list_note(l, 0, hg_buf_text(&line));
    hg_list_note(l, 0, "");
    hg_buf_done(&line);
    hg_buf_done(&why);
}

static void put_shares(struct hg_list *l)
{
    const struct hg_tasks *tasks = l->tasks;
    struct hg_buf line = { 0 };

    for (int who = 0; who < HG_WHOS; who++) {
        hg_buf_clear(&line);
        if (put_share(&line, tasks, (enum hg_who)who)) {
            hg_buf_printf(l->page.out, "%s  %-10s", l->page.margin,
                          hg_who_name((enum hg_who)who));
            hg_page_flow(&l->page, strlen(l->page.margin) + 12, strlen(l->page.margin) + 12,
                         hg_buf_text(&line));
        }
    }
    hg_buf_clear(&line);
    if (tasks->n == 0) {
        hg_buf_puts(&line, "Nothing is to be done. ");
    }
    hg_page_count(&line, tasks->waiting, "check waits on these, and is",
                  "checks wait on these, and are");
    hg_buf_printf(&line, " not listed; neither %s %zu waived.",
                  l->page.run->count[HG_WAIVED] == 1 ? "is" : "are",
                  l->page.run->count[HG_WAIVED]);
    hg_list_note(l, 0, hg_buf_text(&line));
    hg_list_note(l, 0, "");
    hg_buf_done(&line);
}

/* ---- one target ---- */

static const char *language_of(const char *engine)
{
    return strcmp(engine, "mysql") == 0 || strcmp(engine, "postgres") == 0 ? "sql"
           : strcmp(engine, "mongodb") == 0                                ? "js"
                                                                           : "shell";
}

static const char *engine_of(const struct hg_section *s)
{
    return s->target != NULL ? s->target->engine : "";
}

/* How a person with rights of administration gets there. */
static void put_command(struct hg_buf *out, const struct hg_run_target *t)
{
    static const char *const forms[][4] = {
        { "mysql",    "mysql --host=",   " --port=", " --user=<admin> --password" },
        { "postgres", "psql --host=",    " --port=", " --username=<admin>"        },
        { "mongodb",  "mongosh --host ", " --port ",
         " --username <admin> --authenticationDatabase admin"                     },
    };

    for (size_t i = 0; i < HG_COUNT(forms); i++) {
        if (strcmp(forms[i][0], t->engine) != 0 || t->host[0] == '\0') {
            continue;
        }
        hg_buf_puts(out, forms[i][1]);
        hg_put_shell_word(out, t->host);
        if (t->port > 0) {
            hg_buf_printf(out, "%s%lld", forms[i][2], t->port);
        }
        hg_buf_puts(out, forms[i][3]);
        if (strcmp(t->engine, "postgres") == 0 && t->database[0] != '\0') {
            hg_buf_puts(out, " --dbname=");
            hg_put_shell_word(out, t->database);
        }
    }
}

static void put_target(struct hg_list *l, const struct hg_section *s)
{
    const struct hg_run_target *t = s->target;
    struct hg_buf line = { 0 };

    hg_buf_puts(&line, s->name);
    if (t != NULL) {
        hg_buf_puts(&line, ": ");
        hg_put_server(&line, t);
        if (t->account[0] != '\0') {
            hg_buf_printf(&line, ", account %s", t->account);
        }
    }
    hg_buf_putc(l->page.out, '\n');
    hg_list_note(l, 0, hg_buf_text(&line));
    hg_buf_clear(&line);
    if (t != NULL && strcmp(l->language, "shell") != 0) {
        put_command(&line, t);
    }
    if (line.len > 0) {
        hg_buf_printf(l->page.out, "%sconnect: %s\n", l->page.margin, hg_buf_text(&line));
    }
    hg_buf_done(&line);
}

/* ---- the list for people: by who acts, by effect, by target ---- */

struct picking {
    struct hg_list *l;
    struct hg_picks picks;
    size_t number;
};

/* A block's comments are in the language of the client that it is pasted into. */
static const char *block_language(const struct hg_picks *picks)
{
    const char *own = language_of(engine_of(picks->list[0]->cause->section));

    if (picks->list[0]->who == HG_DBA) {
        return own;
    }
    for (size_t i = 0; i < picks->n; i++) {
        if (strcmp(picks->list[i]->finding->fix_language, own) == 0) {
            return own;
        }
    }
    return "shell";
}

static void pick(struct picking *p, enum hg_who who, enum hg_effect effect,
                 const struct hg_section *s)
{
    const struct hg_tasks *tasks = p->l->tasks;

    p->picks.n = 0;
    for (size_t i = 0; i < tasks->n; i++) {
        const struct hg_task *t = &tasks->list[i];

        if (t->who == who && t->effect == effect && t->cause->section == s) {
            p->picks.list[p->picks.n++] = t;
        }
    }
}

static void put_rule(struct hg_list *l, enum hg_who who, enum hg_effect effect)
{
    static const char *const meanings[HG_EFFECTS] = {
        "the server must be restarted", "something is made anew and what it held is lost",
        "the server reads its settings again", "works at once"
    };
    struct hg_buf line = { 0 };

    hg_list_language(l, "shell");
    if (who == HG_NOBODY) {
        hg_buf_puts(&line, "==== nobody is named, and no statement: to be looked into");
    } else {
        hg_buf_printf(&line, "==== %s, %s: %s", hg_who_name(who), hg_effect_name(effect),
                      meanings[effect]);
    }
    hg_buf_putc(l->page.out, '\n');
    hg_list_note(l, 0, hg_buf_text(&line));
    hg_buf_done(&line);
}

static void put_share_of(struct picking *p, enum hg_who who, enum hg_effect effect)
{
    const struct hg_sections *sections = &p->l->tasks->sections;
    bool ruled = false;

    for (size_t i = 0; i < sections->n; i++) {
        pick(p, who, effect, &sections->list[i]);
        if (p->picks.n == 0) {
            continue;
        }
        if (!ruled) {
            put_rule(p->l, who, effect);
            ruled = true;
        }
        hg_list_language(p->l, block_language(&p->picks));
        put_target(p->l, &sections->list[i]);
        hg_list_tasks(p->l, &p->picks, &p->number);
    }
}

static void put_people(struct picking *p)
{
    struct hg_list *l = p->l;

    put_top(l);
    put_shares(l);
    if (l->tasks->n > 0) {
        hg_list_note(
            l, 0,
            "Each block is for one target: connect as an administrator, and paste it "
            "from top to bottom. What is no statement is a comment in the block's own "
            "language. A statement is commented out where <...> has to be filled in, "
            "where it closes nothing, and where it cannot be undone. Then run headgate "
            "again: what waited may show. As scripts: --report todo:mysql=FILE, "
            "todo:postgres, todo:mongodb, todo:shell.");
    }
    for (int who = 0; who < HG_WHOS; who++) {
        for (int effect = 0; effect < HG_EFFECTS; effect++) {
            put_share_of(p, (enum hg_who)who, (enum hg_effect)effect);
        }
    }
}

/* ---- scripts: one engine, by target, by effect ---- */

static bool in_language(const struct hg_task *t, const char *language)
{
    size_t i;
    json_t *step;

    json_array_foreach (t->finding->fix_steps, i, step) {
        if (strcmp(json_string_value(json_object_get(step, "language")), language) == 0) {
            return true;
        }
    }
    return strcmp(t->finding->fix_language, language) == 0;
}

/* The server's own people, and whoever has a statement for its client. */
static bool belongs(const struct hg_task *t, const char *engine)
{
    const char *own = engine_of(t->cause->section);

    if (strcmp(engine, "shell") == 0) {
        return in_language(t, "shell") ||
               (t->who != HG_DBA && !in_language(t, language_of(own)));
    }
    return strcmp(own, engine) == 0 && (t->who == HG_DBA || in_language(t, language_of(own)));
}

/* \connect takes a name or a string of settings; psql undoes the double quotes. It ends with
 * its line, whatever is open: a name with a line's end in it must not come here. */
static void put_connect(struct hg_list *l, const char *database)
{
    struct hg_buf *out = l->page.out;

    hg_buf_puts(out, "\\connect -reuse-previous=on \"dbname='");
    for (; *database != '\0'; database++) {
        if (*database == '\'' || *database == '\\') {
            hg_buf_putc(out, '\\');
        }
        if (*database == '"') {
            hg_buf_putc(out, '"');
        }
        hg_buf_putc(out, *database);
    }
    hg_buf_puts(out, "'\"\n");
}

/* A script runs in one session. The first target's server is the one that it is for. */
static void put_script_target(struct picking *p, const struct hg_section *s,
                              const struct hg_section *first)
{
    struct hg_list *l = p->l;
    const struct hg_run_target *a = s->target, *b = first->target;

    l->live = strcmp(l->language, "shell") == 0 || s == first ||
              (a != NULL && b != NULL && strcmp(a->host, b->host) == 0 && a->port == b->port);
    put_target(l, s);
    if (!l->live) {
        hg_list_note(l, 0,
                     "Another server than the first: its statements are comments here. For a "
                     "script of its own, run headgate with --target and its name.");
    } else if (strcmp(engine_of(s), "postgres") == 0 && strcmp(l->language, "sql") == 0 &&
               a != NULL && a->database[0] != '\0') {
        if (hg_list_can_show(a->database) && strchr(a->database, '\n') == NULL) {
            put_connect(l, a->database);
        } else {
            l->live = false;
            hg_list_note(l, 0, "The database's name holds characters that are not shown.");
        }
    }
}

static void put_script(struct picking *p, const char *engine)
{
    const struct hg_tasks *tasks = p->l->tasks;
    const struct hg_section *first = NULL, *section = NULL;

    for (size_t i = 0; i < tasks->n; p->picks.n = 0) {
        const struct hg_task *from = &tasks->list[i];

        for (; i < tasks->n && tasks->list[i].cause->section == from->cause->section &&
               tasks->list[i].effect == from->effect;
             i++) {
            if (belongs(&tasks->list[i], engine)) {
                p->picks.list[p->picks.n++] = &tasks->list[i];
            }
        }
        if (p->picks.n == 0) {
            continue;
        }
        if (section != from->cause->section) {
            section = from->cause->section;
            first = first ? first : section;
            put_script_target(p, section, first);
        }
        hg_list_tasks(p->l, &p->picks, &p->number);
    }
    if (p->number == 0) {
        hg_list_note(p->l, 0, "Nothing in it.");
    }
}

static void put_script_head(struct hg_list *l, const char *engine, const char *how)
{
    struct hg_buf line = { 0 };

    put_top(l);
    hg_buf_printf(
        &line,
        "What %s can do of it: %s. A statement is commented out where <...> has to be "
        "filled in, where it closes nothing, and where it cannot be undone. Then run "
        "headgate again: what waited may show.",
        strcmp(engine, "shell") == 0 ? "a shell" : engine, how);
    hg_list_note(l, 0, hg_buf_text(&line));
    if (strcmp(engine, "postgres") == 0) {
        hg_buf_puts(l->page.out, "\\set ON_ERROR_STOP on\n");
    }
    hg_buf_done(&line);
}

/* ---- writers ---- */

static void write_list(struct hg_buf *out, const struct hg_run *run, const char *engine,
                       const char *how)
{
    static const struct hg_look look = { .width = 80 };
    struct hg_tasks tasks;
    struct hg_list l = {
        .page = { .out = out, .run = run, .look = &look },
          .tasks = &tasks, .live = true
    };
    struct picking p = { .l = &l };

    hg_list_language(&l, engine ? language_of(engine) : "shell");
    if (hg_tasks_make(&tasks, run)) {
        p.picks.list = calloc(tasks.n + 1, sizeof(struct hg_task *));
    }
    if (p.picks.list == NULL) {
        out->failed = true;
    } else if (engine == NULL) {
        put_people(&p);
    } else {
        put_script_head(&l, engine, how);
        put_script(&p, engine);
    }
    free(p.picks.list);
    hg_tasks_done(&tasks);
}

static void write_people(struct hg_buf *out, const struct hg_run *run,
                         const struct hg_look *look)
{
    (void)look;
    write_list(out, run, NULL, NULL);
}

static void write_mysql(struct hg_buf *out, const struct hg_run *run,
                        const struct hg_look *look)
{
    (void)look;
    write_list(out, run, "mysql", "mysql ... <FILE");
}

static void write_postgres(struct hg_buf *out, const struct hg_run *run,
                           const struct hg_look *look)
{
    (void)look;
    write_list(out, run, "postgres", "psql ... --file=FILE");
}

static void write_mongodb(struct hg_buf *out, const struct hg_run *run,
                          const struct hg_look *look)
{
    (void)look;
    write_list(out, run, "mongodb", "mongosh ... --file FILE");
}

static void write_shell(struct hg_buf *out, const struct hg_run *run,
                        const struct hg_look *look)
{
    (void)look;
    write_list(out, run, "shell", "sh FILE");
}

const struct hg_writer hg_writer_todo = {
    .name = "todo",
    .summary = "tonight's list: who must act, in which order",
    .extension = "txt",
    .write = write_people,
};

const struct hg_writer hg_writer_todo_mysql = {
    .name = "todo:mysql",
    .summary = "of tonight's list what mysql can run",
    .extension = "sql",
    .write = write_mysql,
};

const struct hg_writer hg_writer_todo_postgres = {
    .name = "todo:postgres",
    .summary = "of tonight's list what psql can run",
    .extension = "sql",
    .write = write_postgres,
};

const struct hg_writer hg_writer_todo_mongodb = {
    .name = "todo:mongodb",
    .summary = "of tonight's list what mongosh can run",
    .extension = "js",
    .write = write_mongodb,
};

const struct hg_writer hg_writer_todo_shell = {
    .name = "todo:shell",
    .summary = "of tonight's list what a shell can run",
    .extension = "sh",
    .write = write_shell,
};
