/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe.h - what every probe program of ours shares: reading the request and the secret,
 * printing facts, locking itself in. The protocol is docs/PROBES.md.
 *
 * A probe program is one struct hg_probe_def and
 *     int main(int argc, char **argv) { return hg_probe_main(&def, argc, argv); }
 * hg_probe_main() answers --describe, reads the request and the secrets, enters the sandbox,
 * calls def->run() and prints {"done":true}.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/fact.h"
#include "model/level.h"

struct json_t;
struct hg_secret;

/* One fact a probe can give. */
struct hg_fact_def {
    const char *key;
    enum hg_level level;
    const char *shape; /* for people, as in docs/PROBES.md */
    const char *needs; /* the privilege an account needs to see it; NULL: none */
};

/* One statement (SQL, or a command's name) that may be sent. Nothing else reaches a wire:
 * probes send by `id` through a function that takes a pointer into this table. */
struct hg_statement {
    const char *id;
    enum hg_level level;
    const char *text;
    const char *facts; /* keys it serves, separated by spaces; "" for set-up */
    const char *when;  /* where it is sent, in words; NULL: everywhere */
};

struct hg_probe;

struct hg_probe_def {
    const char *engine;
    const char *summary;
    const struct hg_fact_def *facts;       /* ends with .key == NULL */
    const struct hg_statement *statements; /* ends with .id == NULL */
    bool wants_secret;                     /* false: the network probe */
    /* Examines the target. Trouble of ours: hg_emit_fault() and return. Never exits. */
    void (*run)(struct hg_probe *probe);
};

struct hg_tls {
    enum { HG_TLS_VERIFY_FULL, HG_TLS_VERIFY_CA, HG_TLS_REQUIRED, HG_TLS_OFF } mode;
    bool stated;      /* false: no `tls:` in the plan */
    const char *ca;   /* file, NULL: the system's */
    const char *name; /* name to verify, NULL: the host of the secret */
    const char *cert, *key;
};

struct hg_probe {
    const struct hg_probe_def *def;
    struct json_t *request;
    enum hg_level level;
    int deadline_ms;
    long long started_ms;
    struct hg_tls tls;
    const char *connect_host;  /* NULL: the secret's */
    int connect_port;          /* 0: the secret's */
    struct hg_secret *secret;  /* the account's; NULL when there is none or it is unreadable */
    struct hg_secret *auditor; /* NULL without one */
    struct json_t *emitted;    /* keys that were printed; for hg_emitted() */
    size_t bytes_out;
    bool out_failed;
};

int hg_probe_main(const struct hg_probe_def *def, int argc, char **argv);

/* True when the fact was asked for and its level is allowed. */
bool hg_probe_wants(const struct hg_probe *probe, const char *key);

/* Milliseconds left until the deadline, less `reserve`; at least 1. */
int hg_probe_left_ms(const struct hg_probe *probe, int reserve);

/* Server-side limit for one statement: three quarters of the deadline, at most 5 s. */
int hg_probe_statement_ms(const struct hg_probe *probe);

/* True when "schema.table" is in the plan's scope (no scope: everything that is not the
 * server's own; the caller leaves those out). */
bool hg_probe_in_scope(const struct hg_probe *probe, const char *schema, const char *table);
/* True when any table of the schema may be in scope. */
bool hg_probe_schema_in_scope(const struct hg_probe *probe, const char *schema);

/* ---- facts out. Values are stolen. All strings inside are cleaned and scrubbed here. ---- */

void hg_emit_stage(struct hg_probe *probe, const char *stage);
void hg_emit_known(struct hg_probe *probe, const char *key, struct json_t *value);
void hg_emit_known_by(struct hg_probe *probe, const char *key, struct json_t *value,
                      bool by_auditor);
/* A list {"items","complete"}, in chunks of 500. `items` is an array, stolen. */
void hg_emit_list(struct hg_probe *probe, const char *key, struct json_t *items, bool complete,
                  bool by_auditor);
/* Any state but known. `needs` may be NULL. */
void hg_emit_state(struct hg_probe *probe, const char *key, enum hg_fact_state state,
                   const char *needs, const char *reason, ...) HG_PRINTF(5, 6);
/* The same state for every wanted fact of this probe that has not been emitted. */
void hg_emit_rest(struct hg_probe *probe, enum hg_fact_state state, const char *reason, ...)
    HG_PRINTF(3, 4);
/* True when the key was emitted already. */
bool hg_emitted(const struct hg_probe *probe, const char *key);
/* Trouble of headgate's own, never the target's. */
void hg_emit_fault(struct hg_probe *probe, const char *fmt, ...) HG_PRINTF(2, 3);

/* Where a connection ended, for <engine>.connection and <engine>.auditor. */
struct hg_outcome {
    const char *stage;   /* secret dns connect tls greeting auth ready */
    const char *outcome; /* see docs/PROBES.md */
    char code[24];       /* the engine's own */
    char message[768];   /* the engine's own words; cleaned on the way out */
};
/* Emits `<engine>.<what>`; host and port are those that were dialled. */
void hg_emit_outcome(struct hg_probe *probe, const char *what, const struct hg_outcome *outcome,
                     const char *host, int port, long long ms);

/* True when `secret` may be used for a login; otherwise fills `outcome` (stage secret, outcome
 * not-attempted, and what is missing or a placeholder in it). */
bool hg_probe_may_login(const struct hg_secret *secret, struct hg_outcome *outcome);

/* True when this attempt ended as with a server that is starting, and another will follow
 * (--wait): then nobody else tries a login in this one. `greeted` as in model/outcome.h. */
bool hg_probe_comes_again(const struct hg_probe *probe, const struct hg_outcome *outcome,
                          bool greeted);

/* ---- names ---- */

/* One numeric address. */
struct hg_address {
    char text[64];
    bool loopback;
};

/* Resolves a name to at most `max` numeric addresses (IPv4 and IPv6). Returns how many; 0 with
 * `outcome` filled (dns stage) when there are none. */
size_t hg_resolve(const char *host, struct hg_address *ret, size_t max,
                  struct hg_outcome *outcome);
