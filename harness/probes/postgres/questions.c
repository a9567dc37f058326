/* SPDX-License-Identifier: Apache-2.0 */
/* questions.c - which statement answers which fact, on which version, and who may ask. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "probes/postgres/pg.h"

struct question {
    const char *key;    /* NULL: for nothing but what it notes in the state */
    const char *params; /* a account, d database, s schemas, t tables, m milliseconds */
    enum { ANYWHERE, LOCAL, SELF } where; /* LOCAL: in the database; SELF: never for another */
    void (*take)(struct pg_answer *a);
    const char *needs;
    struct {
        int from; /* server_version_num */
        const char *id;
    } texts[3]; /* newest first */
};

#define CATALOGUES PG_NEEDS_CATALOGUES

static const struct question questions[] = {
    { NULL,                          "",   ANYWHERE, pg_value_nothing,  NULL,       { { 140000, "watch-client" } } },
    { "postgres.server",             "",   ANYWHERE, pg_value_server,   CATALOGUES, { { 0, "server" } }            },
    { "postgres.session",            "",   SELF,     pg_value_row,      NULL,       { { 0, "session" } }           },
    { "postgres.settings",           "",   ANYWHERE, pg_value_settings, CATALOGUES, { { 0, "settings" } }          },
    { "postgres.role",               "a",  ANYWHERE, pg_value_row,      CATALOGUES, { { 0, "role" } }              },
    { "postgres.database",           "ad", ANYWHERE, pg_value_row,      CATALOGUES, { { 0, "database" } }          },
    { "postgres.schemas",            "as", LOCAL,    pg_value_list,     CATALOGUES, { { 0, "schemas" } }           },
    { "postgres.tables",
     "at",                                 LOCAL,
     pg_value_list,                                                     CATALOGUES,
     { { 150000, "tables" }, { 100000, "tables-10-to-14" }, { 0, "tables-9.6" } }                                  },
    { "postgres.default-privileges",
     "ast",                                LOCAL,
     pg_value_list,                                                     CATALOGUES,
     { { 0, "default-privileges" } }                                                                               },
    { "postgres.slots",              "",   ANYWHERE, pg_value_free,     CATALOGUES, { { 0, "slots" } }             },
    { "postgres.senders",            "",   ANYWHERE, pg_value_free,     CATALOGUES, { { 0, "senders" } }           },
    { "postgres.slot-list",          "",   ANYWHERE, pg_value_list,     CATALOGUES, { { 0, "slot-list" } }         },
    { "postgres.publications",
     "",                                   LOCAL,
     pg_value_list,                                                     CATALOGUES,
     { { 150000, "publications" }, { 100000, "publications-10-to-14" } }                                           },
    { "postgres.hba",
     "",                                   ANYWHERE,
     pg_value_list,                                                     "EXECUTE on the function pg_hba_file_rules() in the account's database, for the account "
      "or an auditor",                                           { { 100000, "hba" } }          },
    { NULL,                          "m",  ANYWHERE, pg_value_old,      NULL,       { { 0, "old-transactions" } }  },
};

struct arguments {
    const struct pg_who *who;
    struct hg_buf schemas, tables; /* text[] literals */
    bool scoped;
    char ms[16];
};

/* One pattern of the plan as LIKE pattern inside an array literal. `?` becomes `%`: LIKE counts
 * characters where scopes count bytes; values.c looks again. */
static void put_pattern(struct hg_buf *array, const char *pattern, size_t len)
{
    hg_buf_puts(array, array->len == 1 ? "\"" : ",\"");
    for (size_t i = 0; i < len; i++) {
        switch (pattern[i]) {
        case '*':
        case '?':
            hg_buf_putc(array, '%');
            break;
        case '%':
        case '_':
        case '\\':
            hg_buf_printf(array, "\\\\%s%c", pattern[i] == '\\' ? "\\" : "", pattern[i]);
            break;
        case '"':
            hg_buf_puts(array, "\\\"");
            break;
        default:
            hg_buf_putc(array, pattern[i]);
        }
    }
    hg_buf_putc(array, '"');
}

static void read_scope(const struct hg_probe *probe, struct arguments *args)
{
    json_t *scope = json_object_get(probe->request, "scope"), *item;
    size_t i;

    args->scoped = json_array_size(scope) > 0;
    hg_buf_putc(&args->schemas, '{');
    hg_buf_putc(&args->tables, '{');
    json_array_foreach (scope, i, item) {
        const char *pattern = json_string_value(item);
        const char *dot = pattern ? strchr(pattern, '.') : NULL;

        if (dot != NULL) {
            put_pattern(&args->schemas, pattern, (size_t)(dot - pattern));
        }
        if (pattern != NULL) {
            put_pattern(&args->tables, pattern, strlen(pattern));
        }
    }
    hg_buf_putc(&args->schemas, '}');
    hg_buf_putc(&args->tables, '}');
}

static const char *argument(const struct arguments *args, char kind)
{
    switch (kind) {
    case 'a':
        return args->who->account;
    case 'd':
        return args->who->database;
    case 's':
        return args->scoped ? hg_buf_text(&args->schemas) : NULL;
    case 't':
        return args->scoped ? hg_buf_text(&args->tables) : NULL;
    default:
        return args->ms;
    }
}

/* A statement is wanted when a fact is that it serves; set-up always is. */
static bool wanted(const struct hg_probe *probe, const struct question *q,
                   const struct hg_statement *statement)
{
    const char *words = statement->facts;

    if (words[0] == '\0') {
        return true;
    }
    if (q->key != NULL && hg_emitted(probe, q->key)) {
        return false;
    }
    while (*words != '\0') {
        char key[64];
        size_t len = strcspn(words, " ");

        snprintf(key, sizeof(key), "%.*s", (int)len, words);
        if (strcmp(key, "postgres.server") == 0 || hg_probe_wants(probe, key)) {
            return statement->level <= probe->level;
        }
        words += len + (words[len] == ' ');
    }
    return false;
}

static const struct hg_statement *choose(const struct question *q, int version)
{
    for (size_t i = 0; i < HG_COUNT(q->texts) && q->texts[i].id != NULL; i++) {
        if (version >= q->texts[i].from) {
            return pg_statement(q->texts[i].id);
        }
    }
    return NULL;
}

/* False: not to be asked here; wanted facts say why. */
static bool may_ask(struct hg_probe *probe, const struct question *q, const struct pg_who *who)
{
    const char *why = NULL;

    if (q->where == SELF && who->auditor) {
        why = "the account did not log in";
    } else if (q->where == LOCAL && who->elsewhere) {
        why = "nobody could look into the account's database";
    } else if (strchr(q->params, 'a') != NULL && who->account == NULL) {
        why = "the name of the account is not known";
    } else if (strchr(q->params, 'd') != NULL && who->database == NULL) {
        why = "the name of the database is not known";
    }
    if (why != NULL) {
        hg_emit_state(probe, q->key, HG_FACT_UNREACHABLE, NULL, "%s", why);
    }
    return why == NULL;
}

static size_t prepare(struct hg_probe *probe, int version, const struct arguments *args,
                      struct pg_ask *asks, const struct question **asked)
{
    size_t n = 0;

    for (size_t i = 0; i < HG_COUNT(questions); i++) {
        const struct question *q = &questions[i];
        const struct hg_statement *statement = choose(q, version);

        if (statement == NULL) {
            if (q->key != NULL && hg_probe_wants(probe, q->key) && !hg_emitted(probe, q->key)) {
                hg_emit_state(probe, q->key, HG_FACT_UNSUPPORTED, NULL,
                              "PostgreSQL %d.%d has no such thing", version / 10000,
                              version / 100 % 100);
            }
            continue;
        }
        if (!wanted(probe, q, statement) || !may_ask(probe, q, args->who)) {
            continue;
        }
        asks[n] = (struct pg_ask){ .statement = statement, .n = (int)strlen(q->params) };
        for (int p = 0; p < asks[n].n; p++) {
            asks[n].params[p] = argument(args, q->params[p]);
        }
        asked[n++] = q;
    }
    return n;
}

static enum hg_fact_state state_of(const struct pg_ask *ask)
{
    static const char *const missing[] = { "42883", "42P01", "42703", "42704", "0A000" };

    for (size_t i = 0; i < HG_COUNT(missing); i++) {
        if (strcmp(ask->code, missing[i]) == 0) {
            return HG_FACT_UNSUPPORTED;
        }
    }
    return ask->garbled ? HG_FACT_GARBLED : HG_FACT_UNREACHABLE;
}

static void conclude(struct pg_answer *a, const struct question *q)
{
    const struct pg_ask *ask = a->ask;
    bool server = q->key != NULL && strcmp(q->key, "postgres.server") == 0;

    /* A row that could not be read makes the whole answer worthless, a list too. */
    if (server || (ask->answered && !ask->garbled)) {
        a->key = server || (q->key != NULL && hg_probe_wants(a->probe, q->key)) ? q->key : NULL;
        q->take(a);
    } else if (q->key == NULL || !hg_probe_wants(a->probe, q->key)) {
        return;
    } else if (strcmp(ask->code, "42501") == 0) {
        json_object_set_new(a->state->denied, q->key, json_string(ask->message));
    } else {
        hg_emit_state(a->probe, q->key, state_of(ask), NULL, "%s%s%s",
                      ask->garbled ? "an answer that is not what was asked for" : ask->code,
                      ask->code[0] != '\0' ? ": " : "", ask->message);
    }
}

void pg_question_all(struct hg_probe *probe, PGconn *conn, const struct pg_who *who,
                     struct pg_state *state)
{
    struct arguments args = { .who = who };
    struct pg_ask asks[PG_MAX_BATCH] = { 0 };
    const struct question *asked[PG_MAX_BATCH];
    size_t n;

    read_scope(probe, &args);
    snprintf(args.ms, sizeof(args.ms), "%d", probe->deadline_ms);
    state->version = PQserverVersion(conn);
    n = prepare(probe, state->version, &args, asks, asked);
    (void)pg_ask_all(probe, conn, asks, n); /* what was lost says so itself */
    for (size_t i = 0; i < n; i++) {
        struct pg_answer a = { probe, conn, &asks[i], who, NULL, state };

        conclude(&a, asked[i]);
    }
    pg_ask_done(asks, n);
    hg_buf_done(&args.schemas);
    hg_buf_done(&args.tables);
}

void pg_question_denied(struct hg_probe *probe, const struct pg_state *state)
{
    for (size_t i = 0; i < HG_COUNT(questions); i++) {
        const char *key = questions[i].key;
        const json_t *why = key ? json_object_get(state->denied, key) : NULL;

        if (why != NULL && !hg_emitted(probe, key)) {
            hg_emit_state(probe, key, HG_FACT_DENIED, questions[i].needs, "%s",
                          json_string_value(why));
        }
    }
}
