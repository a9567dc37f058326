/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "probes/mongodb/mongo.h"

static void emit(const struct mo_session *s, const char *key, json_t *value)
{
    hg_emit_known_by(s->probe, key, value, s->by_auditor);
}

/* ---- who is there ---- */

const char *mo_ask_hello(const struct mo_session *s, const struct mo_reply *hello)
{
    json_t *hosts = json_object_get(hello->doc, "hosts");
    json_t *wire = json_object_get(hello->doc, "maxWireVersion");
    const char *set = mo_text(hello->doc, "setName");
    const char *kind = strcmp(mo_text(hello->doc, "msg"), "isdbgrid") == 0 ? "sharded"
                       : set[0] != '\0'                                    ? "replica-set"
                                                                           : "standalone";

    emit(s, "mongodb.hello",
         json_pack("{s:s, s:b, s:s, s:s, s:O*, s:s, s:O*}", "set_name", set, "primary",
                   json_is_true(json_object_get(hello->doc, "isWritablePrimary")),
                   "primary_host", mo_text(hello->doc, "primary"), "me",
                   mo_text(hello->doc, "me"), "hosts", json_is_array(hosts) ? hosts : NULL,
                   "kind", kind, "max_wire_version", json_is_integer(wire) ? wire : NULL));
    return kind;
}

bool mo_not_ready(const struct mo_reply *hello)
{
    if (json_is_true(json_object_get(hello->doc, "isreplicaset"))) {
        return true; /* of a set that nobody has initiated */
    }
    return mo_text(hello->doc, "setName")[0] != '\0' &&
           mo_text(hello->doc, "primary")[0] == '\0' &&
           !json_is_true(json_object_get(hello->doc, "isWritablePrimary"));
}

static const char *provider_of(const char *host, json_t *evidence)
{
    static const struct {
        const char *tail, *provider, *words;
    } known[] = {
        { ".mongodb.net",         "atlas",      "the host is of mongodb.net"         },
        { ".docdb.amazonaws.com", "documentdb", "the host is of docdb.amazonaws.com" },
        { ".cosmos.azure.com",    "cosmos",     "the host is of cosmos.azure.com"    },
    };
    size_t n = host ? strlen(host) : 0;

    for (size_t i = 0; i < HG_COUNT(known); i++) {
        size_t m = strlen(known[i].tail);

        if (n > m && strcasecmp(host + n - m, known[i].tail) == 0) {
            json_array_append_new(evidence, json_string(known[i].words));
            return known[i].provider;
        }
    }
    return "self";
}

/* MongoDB 8.1 and later tell only after a login. */
void mo_ask_build(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    json_auto_t *evidence = json_array();
    const struct hg_secret *secret = s->probe->secret ? s->probe->secret : s->probe->auditor;
    const char *provider;
    bool ferret;

    if (hg_emitted(s->probe, "mongodb.server")) {
        return;
    }
    mo_send(s, "build", "admin", json_pack("{s:i}", "buildInfo", 1), &reply);
    if (!reply.ok) {
        mo_refuse(s, "mongodb.server", &reply, "a login, of the account or an auditor");
        return;
    }
    ferret = json_object_get(reply.doc, "ferretdb") != NULL ||
             json_object_get(reply.doc, "ferretdbVersion") != NULL;
    if (ferret) {
        json_array_append_new(evidence, json_string("buildInfo names FerretDB"));
    }
    provider = provider_of(secret->host, evidence);
    emit(s, "mongodb.server",
         json_pack("{s:s, s:s, s:s, s:s, s:O, s:s}", "flavour", ferret ? "ferretdb" : "mongodb",
                   "version", mo_text(reply.doc, "version"), "version_text",
                   mo_text(reply.doc, "version"), "provider", provider, "evidence", evidence,
                   "comment", mo_text(reply.doc, "gitVersion")));
}

/* ---- who we are ---- */

void mo_ask_session(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    const char *database = s->probe->secret ? s->probe->secret->database : NULL;
    json_t *info, *users, *list;

    mo_send(s, "status", "admin",
            json_pack("{s:i, s:b}", "connectionStatus", 1, "showPrivileges", 1), &reply);
    info = json_object_get(reply.doc, "authInfo");
    users = json_object_get(info, "authenticatedUsers");
    list = json_object_get(info, "authenticatedUserPrivileges");
    if (json_is_array(users)) {
        emit(s, "mongodb.session",
             json_pack("{s:O, s:s}", "users", users, "database", database ? database : ""));
    } else {
        mo_refuse(s, "mongodb.session", &reply, NULL);
    }
    if (!json_is_array(users) || !json_is_array(list)) {
        mo_refuse(s, "mongodb.privileges", &reply, NULL);
    } else if (mo_wanted(s, "mongodb.privileges")) {
        emit(s, "mongodb.privileges",
             json_pack("{s:O, s:O*, s:O}", "users", users, "roles",
                       json_object_get(info, "authenticatedUserRoles"), "privileges", list));
    }
}

static void emit_user(const struct mo_session *s, json_t *user, const char *name,
                      const char *db)
{
    json_auto_t *none = json_array();
    json_t *mechanisms = json_object_get(user, "mechanisms");
    json_t *roles = json_object_get(user, "roles");
    json_t *list = json_object_get(user, "inheritedPrivileges");

    if (mo_wanted(s, "mongodb.user")) {
        emit(s, "mongodb.user",
             json_pack("{s:s, s:s, s:b, s:O, s:O}", "user", name, "db", db, "exists",
                       user != NULL, "mechanisms", mechanisms ? mechanisms : none, "roles",
                       roles ? roles : none));
    }
    if (!mo_wanted(s, "mongodb.privileges")) {
        return;
    }
    if (user == NULL) {
        hg_emit_state(s->probe, "mongodb.privileges", HG_FACT_ABSENT, NULL,
                      "there is no account %s on %s", name, db);
    } else if (json_is_array(list)) {
        emit(s, "mongodb.privileges",
             json_pack("{s:[{s:s, s:s}], s:O*, s:O}", "users", "user", name, "db", db, "roles",
                       json_object_get(user, "inheritedRoles"), "privileges", list));
    }
}

/* An auditor may look at any account, and an account at itself. */
void mo_ask_user(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    const struct hg_secret *secret = s->probe->secret;
    const char *name = secret ? secret->username : NULL;
    const char *db = secret && secret->auth_source ? secret->auth_source : "admin";
    json_t *users;

    if (name == NULL || name[0] == '\0') {
        hg_emit_state(s->probe, "mongodb.user", HG_FACT_UNREACHABLE, NULL,
                      "no secret names an account");
        return;
    }
    mo_send(s, "user", "admin",
            json_pack("{s:{s:s, s:s}, s:b}", "usersInfo", "user", name, "db", db,
                      "showPrivileges", 1),
            &reply);
    users = json_object_get(reply.doc, "users");
    if (json_is_array(users)) {
        emit_user(s, json_array_get(users, 0), name, db);
    } else {
        mo_refuse(s, "mongodb.user", &reply, "viewUser on the database, for an auditor");
    }
}
