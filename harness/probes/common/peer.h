/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * peer.h - who is at the other end of TLS, whatever the client library makes of it.
 *
 * Each library has its own notion of "verified", some of them log in all the same, and none
 * says when a certificate expires. peer.c defines SSL_CTX_new() and SSL_write() in front of
 * OpenSSL's (as dial.c does with getaddrinfo()), so that for every library
 * - the certificate is judged here too, before anything is said inside: the handshake ends
 * where the plan's mode does not hold, also where the library would have gone on;
 * - the password itself never leaves towards a server that is not fully verified: a write that
 *   ends in it is not made, and the connection is cut;
 * - what was seen can be told: as a fact, and as a sentence when it failed.
 * A library that is not made with OpenSSL is not seen; then `seen` stays false, and what it
 * says itself is all there is.
 *
 * Only probes that list ../common/peer.c among their sources have it. The library carries no
 * pointer of ours into OpenSSL, so what is expected and seen is state of the program here.
 */

#include <stdbool.h>

struct hg_outcome;
struct hg_probe;
struct json_t;

/* From now on handshakes are with a server that must be `name`; forgets what was seen before.
 * `password` (NULL: none) stays the caller's, and must live until the next call. */
void hg_peer_expect(const struct hg_probe *probe, const char *name, const char *password);

/* Gives the plan's certificate and key to OpenSSL, for a library that wants them in one file.
 * Until the next hg_peer_expect(). */
void hg_peer_bring_certificate(void);

/* Where the connection ended because of a certificate, the server's or ours, or because the
 * password was held back: fills stage, outcome and message and returns true. */
bool hg_peer_explain(struct hg_outcome *outcome);

/* For a connection that ended right after the handshake, and nothing was said why: where the
 * server had asked for a certificate of ours, fills the outcome with that and returns true. */
bool hg_peer_suspect(struct hg_outcome *outcome);

/* The server asked for a certificate of ours, and the plan names none. */
bool hg_peer_wanted_certificate(void);

/* The value of <engine>.tls. `version` and `cipher` are the library's words (NULL: none), used
 * where nothing was seen. The caller owns it. */
struct json_t *hg_peer_fact(const struct hg_probe *probe, bool encrypted, const char *version,
                            const char *cipher, bool loopback);

/* The plan's certificate and key can be read, belong together and need no passphrase. False: a
 * fault was emitted that says which and why. `strict`: the library refuses keys that others may
 * read. */
bool hg_peer_files(struct hg_probe *probe, bool strict);
