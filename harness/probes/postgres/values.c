/* SPDX-License-Identifier: Apache-2.0 */
/* values.c - rows to fact values. Most rows have the shape of the fact already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "probes/common/peer.h"
#include "probes/postgres/pg.h"

static const struct {
    const char *text, *flavour;
} flavours[] = {
    { "CockroachDB",  "cockroachdb" },
    { "-YB-",         "yugabytedb"  },
    { "YugabyteDB",   "yugabytedb"  },
    { "Redshift",     "redshift"    },
    { "Greenplum",    "greenplum"   },
    { "EnterpriseDB", "edb"         },
    { "Materialize",  "materialize" },
    { "openGauss",    "opengauss"   },
};

/* The first that fits decides: AlloyDB has Cloud SQL's role too. */
static const struct {
    const char *evidence, *provider;
} providers[] = {
    { "function aurora_version", "aurora"   },
    { "role rds",                "rds"      },
    { "setting rds.",            "rds"      },
    { "role alloydb",            "alloydb"  },
    { "setting alloydb.",        "alloydb"  },
    { "role cloudsql",           "cloudsql" },
    { "setting cloudsql.",       "cloudsql" },
    { "role azure",              "azure"    },
    { "setting azure.",          "azure"    },
    { "role supabase",           "supabase" },
    { "role neon",               "neon"     },
    { "setting neon.",           "neon"     },
};

static void add_evidence(json_t *list, const char *what, const json_t *names)
{
    size_t i;
    json_t *name;

    json_array_foreach (names, i, name) {
        json_array_append_new(list, json_sprintf("%s %s", what, json_string_value(name)));
    }
}

static const char *provider_of(const json_t *evidence)
{
    for (size_t p = 0; p < HG_COUNT(providers); p++) {
        size_t i;
        json_t *item;

        json_array_foreach (evidence, i, item) {
            if (strncmp(json_string_value(item), providers[p].evidence,
                        strlen(providers[p].evidence)) == 0) {
                return providers[p].provider;
            }
        }
    }
    return "self";
}

static const char *flavour_of(PGconn *conn, const char *text)
{
    if (PQparameterStatus(conn, "crdb_version") != NULL) {
        return "cockroachdb";
    }
    for (size_t i = 0; i < HG_COUNT(flavours); i++) {
        if (strstr(text, flavours[i].text) != NULL) {
            return flavours[i].flavour;
        }
    }
    return "postgres";
}

/* 150020 → "15.20", 90624 → "9.6.24" */
static void version_of(int number, char *ret, size_t size)
{
    if (number >= 100000) {
        snprintf(ret, size, "%d.%d", number / 10000, number % 10000);
    } else {
        snprintf(ret, size, "%d.%d.%d", number / 10000, number / 100 % 100, number % 100);
    }
}

/* What follows the version in "15.20 (Debian 15.20-0+deb12u1)". */
static const char *comment_of(const char *text)
{
    const char *space = text ? strchr(text, ' ') : NULL;

    return space ? space + 1 : "";
}

/* Also when the question failed: what the server said at login is known. */
void pg_value_server(struct pg_answer *a)
{
    const json_t *row = pg_first(a->ask);
    json_auto_t *evidence = json_array();
    const char *text = json_string_value(json_object_get(row, "version_text"));
    const char *provider;
    char version[32];

    add_evidence(evidence, "role", json_object_get(row, "roles"));
    add_evidence(evidence, "setting", json_object_get(row, "settings"));
    if (json_is_true(json_object_get(row, "aurora"))) {
        json_array_append_new(evidence, json_string("function aurora_version"));
    }
    provider = row ? provider_of(evidence) : "unknown";
    if (row != NULL && json_array_size(evidence) == 0) {
        json_array_append_new(evidence, json_string("no role or setting of a provider"));
    }
    a->state->in_recovery = json_is_true(json_object_get(row, "in_recovery"));
    if (PQserverVersion(a->conn) == 0) {
        hg_emit_state(a->probe, "postgres.server", HG_FACT_GARBLED, NULL,
                      "the server let us in and did not say its version");
        return;
    }
    version_of(PQserverVersion(a->conn), version, sizeof(version));
    hg_emit_known_by(a->probe, "postgres.server",
                     json_pack("{s:s, s:s, s:s, s:s, s:O, s:s}", "flavour",
                               flavour_of(a->conn, text ? text : ""), "version", version,
                               "version_text", text ? text : "", "provider", provider,
                               "evidence", evidence, "comment",
                               comment_of(PQparameterStatus(a->conn, "server_version"))),
                     a->who->auditor);
}

void pg_value_row(struct pg_answer *a)
{
    json_t *row = pg_first(a->ask);

    if (row == NULL) {
        hg_emit_state(a->probe, a->key, HG_FACT_ABSENT, NULL, "there is no role %s",
                      a->who->account ? a->who->account : "of that name");
        return;
    }
    hg_emit_known_by(a->probe, a->key, json_incref(row), a->who->auditor);
}

/* Tables have a schema and a name, default privileges a schema, schemas only a name. */
static bool in_scope(const struct hg_probe *probe, const char *key, const json_t *row)
{
    const char *schema = json_string_value(json_object_get(row, "schema"));
    const char *name = json_string_value(json_object_get(row, "name"));

    if (strcmp(key, "postgres.tables") == 0) {
        return schema != NULL && name != NULL && hg_probe_in_scope(probe, schema, name);
    }
    if (strcmp(key, "postgres.default-privileges") == 0) {
        return schema != NULL && hg_probe_schema_in_scope(probe, schema);
    }
    return strcmp(key, "postgres.schemas") != 0 ||
           (name != NULL && hg_probe_schema_in_scope(probe, name));
}

void pg_value_list(struct pg_answer *a)
{
    json_t *items = json_array(), *row;
    size_t i;

    json_array_foreach (a->ask->rows, i, row) {
        if (in_scope(a->probe, a->key, row)) {
            json_array_append(items, row);
        }
    }
    hg_emit_list(a->probe, a->key, items, !a->ask->cut, a->who->auditor);
}

void pg_value_settings(struct pg_answer *a)
{
    json_t *settings = json_object(), *row;
    size_t i;

    json_array_foreach (a->ask->rows, i, row) {
        json_auto_t *name = json_incref(json_object_get(row, "name"));

        if (json_is_string(name)) {
            json_object_del(row, "name");
            json_object_set(settings, json_string_value(name), row);
        }
    }
    hg_emit_known_by(a->probe, a->key, settings, a->who->auditor);
}

void pg_value_free(struct pg_answer *a)
{
    json_t *row = pg_first(a->ask);
    const json_t *left = json_object_get(row, "free");
    int *note = strcmp(a->ask->statement->id, "slots") == 0 ? &a->state->free_slots
                                                            : &a->state->free_senders;

    if (json_is_integer(left)) {
        *note = (int)json_integer_value(left);
    }
    if (a->key != NULL) {
        pg_value_row(a);
    }
}

void pg_value_old(struct pg_answer *a)
{
    int old = (int)json_integer_value(json_object_get(pg_first(a->ask), "old"));

    if (old > a->state->old_transactions) {
        a->state->old_transactions = old;
    }
}

void pg_value_nothing(struct pg_answer *a)
{
    (void)a;
}

void pg_emit_tls(const struct pg_peer *peer, PGconn *conn, bool by_auditor)
{
    bool encrypted = PQsslInUse(conn) == 1;
    const char *version = encrypted ? PQsslAttribute(conn, "protocol") : NULL;
    const char *cipher = encrypted ? PQsslAttribute(conn, "cipher") : NULL;

    if (!hg_probe_wants(peer->probe, "postgres.tls") ||
        hg_emitted(peer->probe, "postgres.tls")) {
        return;
    }
    hg_emit_known_by(
        peer->probe, "postgres.tls",
        hg_peer_fact(peer->probe, encrypted, version, cipher, peer->addresses[0].loopback),
        by_auditor);
}
