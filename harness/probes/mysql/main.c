/* SPDX-License-Identifier: Apache-2.0 */
/* The probe for MySQL and MariaDB. */

#include <string.h>

#include "base/clock.h"
#include "probes/common/peer.h"
#include "probes/mysql/mysql.h"

static const struct hg_fact_def facts[] = {
    { "secret.payload", HG_LEVEL_LOOK, "what the secret holds, without its password", NULL },
    { "mysql.connection", HG_LEVEL_LOOK, "{stage,outcome,code,message,host,port,ms}", NULL },
    { "mysql.auditor", HG_LEVEL_LOOK, "{stage,outcome,code,message}", NULL },
    { "mysql.server", HG_LEVEL_LOOK, "{flavour,version,version_text,provider,evidence,comment}",
     NULL },
    { "mysql.session", HG_LEVEL_LOOK, "{user,account,account_name,database}", NULL },
    { "mysql.tls", HG_LEVEL_LOOK,
     "{encrypted,version,cipher,verified,loopback,certificate,client_certificate}", NULL },
    { "mysql.settings", HG_LEVEL_LOOK, "{name: string}", NULL },
    { "mysql.grants", HG_LEVEL_LOOK, "{account,lines,roles,complete}",
     "nothing for the account's own; SELECT on mysql.*, for an auditor" },
    { "mysql.database", HG_LEVEL_LOOK, "{name,exists}",
     "any right on the database, or SHOW DATABASES" },
    { "mysql.binlog.status", HG_LEVEL_LOOK, "{file,position,do_db,ignore_db}",
     "REPLICATION CLIENT (MariaDB: BINLOG MONITOR)" },
    { "mysql.account", HG_LEVEL_LOOK, "{user,host,plugin,locked,expired,ssl,others}",
     MY_FACT_NEEDS_USER },
    { "mysql.dump", HG_LEVEL_PROVE, "{outcome,code,message,events,server_id,clear_of}",
     "REPLICATION SLAVE" },
    { 0 },
};

/* What can be asked as one user. As the auditor, only what was not emitted yet. */
static void ask(struct my_session *session, const char *database)
{
    if (!my_ask_limits(session)) {
        /* A server that takes no limit is asked nothing that could run on. Its greeting said
         * what it is. */
        if (!hg_emitted(session->probe, "mysql.server")) {
            my_emit_server(session, NULL);
        }
        return;
    }
    if (database != NULL && database[0] != '\0') {
        my_ask_database(session, database);
    }
    (void)my_ask_identity(session);
    my_ask_settings(session);
    if (!session->by_auditor) {
        my_ask_grants(session);
    }
    my_ask_status(session);
}

static bool connect_as_account(struct my_session *session, struct hg_outcome *outcome)
{
    struct hg_probe *probe = session->probe;
    bool ok = hg_probe_may_login(probe->secret, outcome);

    if (ok) {
        ok = my_connect(session, probe->secret, true, outcome);
    }
    if (!hg_emitted(probe, "mysql.connection")) {
        hg_emit_outcome(probe, "connection", outcome, session->host, session->port,
                        hg_clock_ms() - probe->started_ms);
    }
    if (ok) {
        hg_emit_stage(probe, "ready");
        my_emit_tls(session);
    } else {
        hg_emit_state(probe, "mysql.tls", HG_FACT_UNREACHABLE, NULL,
                      "no connection was made as the account");
        hg_emit_state(probe, "mysql.session", HG_FACT_UNREACHABLE, NULL,
                      "no connection was made as the account");
    }
    return ok;
}

/* What the account could not see, and the whole of it when it could not log in. */
static void look_as_auditor(struct hg_probe *probe, const struct my_session *account,
                            const struct hg_outcome *ended)
{
    struct my_session session = { .probe = probe, .by_auditor = true };
    const char *database = probe->secret ? probe->secret->database : NULL;
    struct hg_outcome outcome;
    long long start = hg_clock_ms();
    bool ok = hg_probe_may_login(probe->auditor, &outcome);

    if (ok && hg_probe_comes_again(probe, ended, strcmp(ended->stage, "tls") == 0)) {
        outcome =
            *ended; /* in a moment it might be let in, and then again in the next attempt */
    } else if (ok) {
        ok = my_connect(&session, probe->auditor, false, &outcome);
    }
    if (!hg_emitted(probe, "mysql.auditor")) {
        hg_emit_outcome(probe, "auditor", &outcome, session.host, session.port,
                        hg_clock_ms() - start);
    }
    if (session.db != NULL) {
        ask(&session, database);
        my_audit(&session, probe->secret ? probe->secret->username : NULL,
                 account->account_text);
    }
    my_disconnect(&session);
}

static void run(struct hg_probe *probe)
{
    struct my_session session = { .probe = probe };
    struct hg_outcome outcome;

    if (!hg_peer_files(probe, false)) {
        return;
    }
    if (connect_as_account(&session, &outcome)) {
        ask(&session, probe->secret->database);
        my_ask_account(&session);
        my_ask_dump(&session);
    }
    if (probe->auditor != NULL) {
        look_as_auditor(probe, &session, &outcome);
    } else if (!hg_emitted(probe, "mysql.auditor")) {
        hg_emit_state(probe, "mysql.auditor", HG_FACT_ABSENT, NULL,
                      "the plan names no auditor for this target");
    }
    if (session.user_text[0] != '\0' || session.error != 0) {
        hg_emit_rest(probe, HG_FACT_UNREACHABLE, "it could not be asked: %s",
                     session.error != 0 ? session.message : "what it needs was not given");
    }
    my_disconnect(&session);
    mysql_library_end();
}

static const struct hg_probe_def def = {
    .engine = "mysql",
    .summary = "MySQL and MariaDB: connection, settings, grants, the binary log",
    .facts = facts,
    .statements = my_statements,
    .wants_secret = true,
    .run = run,
};

int main(int argc, char **argv)
{
    return hg_probe_main(&def, argc, argv);
}
