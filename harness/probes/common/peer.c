/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/common/peer.h"

#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "probes/common/certificate.h"
#include "probes/common/probe.h"

static struct {
    const struct hg_probe *probe;
    char name[256];
    const char *password;
    bool bring; /* load the plan's certificate into every context */
} expected;

static struct {
    bool certificate, handshake;
    struct hg_certificate server, culprit; /* culprit: the one that does not hold */
    int error, depth;                      /* of the chain; 0: it holds */
    bool name_fits;
    bool asked, sent; /* for and of a certificate of ours */
    int alert;        /* the server's last word in TLS, 0: none */
    bool withheld;    /* the password */
    char version[16], cipher[64];
} seen;

void hg_peer_expect(const struct hg_probe *probe, const char *name, const char *password)
{
    memset(&seen, 0, sizeof(seen));
    expected.probe = probe;
    expected.password = password;
    expected.bring = false;
    snprintf(expected.name, sizeof(expected.name), "%s", name ? name : "");
}

void hg_peer_bring_certificate(void)
{
    expected.bring = true;
}

/* How far the chain and the name hold, whatever was asked for. */
static bool holds(int mode)
{
    bool chain = seen.certificate && seen.error == X509_V_OK;

    return mode == HG_TLS_VERIFY_FULL ? chain && seen.name_fits
           : mode == HG_TLS_VERIFY_CA ? chain
                                      : true;
}

/* ---- inside OpenSSL ---- */

/* In place of OpenSSL's own look at the chain, which it calls. */
static int judge(X509_STORE_CTX *store, void *arg)
{
    X509 *cert = X509_STORE_CTX_get0_cert(store), *at;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    int ok = X509_verify_cert(store);

    (void)arg;
    if (expected.probe == NULL || cert == NULL || ssl == NULL) {
        return ok;
    }
    seen.certificate = true;
    seen.error = ok == 1 ? X509_V_OK : X509_STORE_CTX_get_error(store);
    if (ok != 1 && seen.error == X509_V_OK) {
        seen.error = X509_V_ERR_UNSPECIFIED;
    }
    seen.depth = X509_STORE_CTX_get_error_depth(store);
    hg_certificate_read(cert, &seen.server);
    at = X509_STORE_CTX_get_current_cert(store);
    hg_certificate_read(at ? at : cert, &seen.culprit);
    seen.name_fits = hg_certificate_fits(cert, expected.name);
    if (holds((int)expected.probe->tls.mode)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    if (seen.error == X509_V_OK) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
    }
    /* a library that would not have looked goes no further either */
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    return 0;
}

static int asked_for_certificate(SSL *ssl, void *arg)
{
    (void)arg;
    seen.asked = true;
    seen.sent = SSL_get_certificate(ssl) != NULL;
    return 1;
}

static void happened(const SSL *ssl, int where, int what)
{
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (what >> 8) == SSL3_AL_FATAL) {
        seen.alert = what & 0xff;
    } else if (where & SSL_CB_HANDSHAKE_DONE) {
        seen.handshake = true;
        snprintf(seen.version, sizeof(seen.version), "%s", SSL_get_version(ssl));
        snprintf(seen.cipher, sizeof(seen.cipher), "%s",
                 SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)));
    }
}

static bool bring(SSL_CTX *ctx)
{
    const struct hg_tls *tls = &expected.probe->tls;

    return tls->cert == NULL ||
           (SSL_CTX_use_certificate_chain_file(ctx, tls->cert) == 1 &&
            SSL_CTX_use_PrivateKey_file(ctx, tls->key ? tls->key : tls->cert,
                                        SSL_FILETYPE_PEM) == 1);
}

__attribute__((visibility("default"))) SSL_CTX *SSL_CTX_new(const SSL_METHOD *method)
{
    static SSL_CTX *(*real)(const SSL_METHOD *);
    SSL_CTX *ctx;

    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "SSL_CTX_new");
        if (real == NULL) {
            return NULL;
        }
    }
    ctx = real(method);
    if (ctx == NULL || expected.probe == NULL) {
        return ctx;
    }
    SSL_CTX_set_cert_verify_callback(ctx, judge, NULL);
    SSL_CTX_set_info_callback(ctx, happened);
    SSL_CTX_set_cert_cb(ctx, asked_for_certificate, NULL);
    if (expected.bring && !bring(ctx)) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

/* Whether these bytes end in the password: so it travels in MySQL's full login, in its plugins
 * for clear text and in PostgreSQL's message; each ends it with a zero byte, or not at all. */
static bool ends_in_password(const char *bytes, size_t n)
{
    size_t len = expected.password ? strlen(expected.password) : 0;

    if (len == 0) {
        return false;
    }
    if (n > 0 && bytes[n - 1] == '\0' && n > len &&
        memcmp(bytes + n - 1 - len, expected.password, len) == 0) {
        return true;
    }
    /* unended, only where it is the whole of a packet: the end of other text may be alike */
    return (n == len + 4 || n == len + 5) &&
           memcmp(bytes + n - len, expected.password, len) == 0;
}

/* A server that refuses our certificate says so and hangs up; a write that then fails leaves
 * its word unread. The library's error stays. */
static void hear_last_word(SSL *ssl, int rc)
{
    int error = SSL_get_error(ssl, rc), code = errno;
    char byte;

    if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) {
        (void)SSL_peek(ssl, &byte, 1);
        ERR_clear_error();
        errno = code;
    }
}

__attribute__((visibility("default"))) int SSL_write(SSL *ssl, const void *bytes, int n)
{
    static int (*real)(SSL *, const void *, int);
    bool stop;

    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "SSL_write");
    }
    stop = real == NULL;
    if (expected.probe != NULL && n > 0) {
        /* a library that went on without a certificate is stopped here */
        stop = stop || !holds((int)expected.probe->tls.mode);
        if (!holds(HG_TLS_VERIFY_FULL) || expected.probe->tls.mode != HG_TLS_VERIFY_FULL) {
            seen.withheld = seen.withheld || ends_in_password(bytes, (size_t)n);
            stop = stop || seen.withheld;
        }
    }
    if (stop) {
        shutdown(SSL_get_fd(ssl), SHUT_RDWR);
        ERR_clear_error();
        errno = EPIPE;
        return -1;
    }
    n = real(ssl, bytes, n);
    if (n <= 0) {
        hear_last_word(ssl, n);
    }
    return n;
}

/* ---- in words ---- */

static const char *authorities(void)
{
    return expected.probe->tls.ca ? expected.probe->tls.ca : "the system's list";
}

static void say_name(struct hg_outcome *outcome)
{
    if (seen.server.names[0] == '\0') {
        snprintf(
            outcome->message, sizeof(outcome->message),
            "the server's certificate names no host (its subject is `%.120s`), so it is not "
            "for `%.100s`; give the server one that does, or write that name in "
            "`tls: {name: …}` where it is a host's",
            seen.server.subject, expected.name);
        return;
    }
    snprintf(
        outcome->message, sizeof(outcome->message),
        "the server's certificate is for %.300s, not for `%.100s`; where that is the right "
        "server, write its name in `tls: {name: …}`",
        seen.server.names, expected.name);
}

static void say_validity(struct hg_outcome *outcome, bool over)
{
    const char *whose = seen.depth == 0 ? "the server's certificate"
                                        : "its authority's certificate";

    if (over) {
        snprintf(outcome->message, sizeof(outcome->message),
                 "%s (`%.150s`) expired on %.10s; the server needs a new one", whose,
                 seen.culprit.subject, seen.culprit.not_after);
    } else {
        snprintf(outcome->message, sizeof(outcome->message),
                 "%s (`%.150s`) is valid only from %.20s on; wait, or give the server another",
                 whose, seen.culprit.subject, seen.culprit.not_before);
    }
}

static void say_chain(struct hg_outcome *outcome)
{
    switch (seen.error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        say_validity(outcome, seen.error == X509_V_ERR_CERT_HAS_EXPIRED);
        return;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(outcome->message, sizeof(outcome->message),
                 "the server's certificate (`%.150s`) is signed by itself, and it is not in "
                 "%.200s; name its authority: `tls: {ca: FILE}`",
                 seen.server.subject, authorities());
        return;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        snprintf(
            outcome->message, sizeof(outcome->message),
            "the server's certificate is of `%.150s`: the authority is not in %.200s; write "
            "`tls: {ca: FILE}`",
            seen.culprit.issuer, authorities());
        return;
    default:
        snprintf(outcome->message, sizeof(outcome->message),
                 "the server's certificate (`%.150s`) does not hold: %s", seen.server.subject,
                 X509_verify_cert_error_string(seen.error));
    }
}

static bool about_certificates(void)
{
    return (seen.alert >= SSL3_AD_BAD_CERTIFICATE &&
            seen.alert <= SSL3_AD_CERTIFICATE_UNKNOWN) ||
           seen.alert == TLS1_AD_UNKNOWN_CA || seen.alert == TLS13_AD_CERTIFICATE_REQUIRED ||
           (seen.alert == SSL3_AD_HANDSHAKE_FAILURE && !seen.sent);
}

/* The server's last word about our certificate. */
static bool say_alert(struct hg_outcome *outcome)
{
    struct hg_certificate own;
    const char *file = expected.probe->tls.cert;
    bool readable = file != NULL && hg_certificate_read_file(file, &own);

    if (!seen.asked || !about_certificates()) {
        return false;
    }
    if (!seen.sent) {
        snprintf(outcome->message, sizeof(outcome->message),
                 "the server asks for a client's certificate, and the plan names none; write "
                 "`tls: {cert: FILE, key: FILE}`");
        return true;
    }
    if (readable && own.days_left < 0) {
        snprintf(outcome->message, sizeof(outcome->message),
                 "the server refuses the client's certificate of the plan: it expired on %.10s",
                 own.not_after);
    } else if (readable && (seen.alert == SSL3_AD_UNSUPPORTED_CERTIFICATE ||
                            seen.alert == SSL3_AD_CERTIFICATE_REVOKED)) {
        snprintf(outcome->message, sizeof(outcome->message),
                 "the server refuses the client's certificate of the plan: it is %s",
                 seen.alert == SSL3_AD_CERTIFICATE_REVOKED ? "revoked" : "for another purpose");
    } else {
        snprintf(
            outcome->message, sizeof(outcome->message),
            "the server refuses the client's certificate of the plan (TLS alert `%s`): its "
            "authority, `%.150s`, is not one that the server knows",
            SSL_alert_desc_string_long(seen.alert), readable ? own.issuer : "?");
    }
    return true;
}

bool hg_peer_explain(struct hg_outcome *outcome)
{
    int mode = expected.probe ? (int)expected.probe->tls.mode : HG_TLS_OFF;

    if (mode == HG_TLS_OFF) {
        return false;
    }
    if (seen.withheld) {
        outcome->stage = "auth";
        outcome->outcome = "login-refused";
        snprintf(outcome->code, sizeof(outcome->code), "cleartext");
        snprintf(outcome->message, sizeof(outcome->message),
                 "no password was sent: the server asks for the password itself, and it is not "
                 "fully verified (a login that was not used for long, or since the server was "
                 "started, does that too); write `tls: {mode: verify-full, ca: FILE}`");
        return true;
    }
    if (seen.certificate && !holds(mode)) {
        if (seen.error != X509_V_OK && seen.error != X509_V_ERR_HOSTNAME_MISMATCH &&
            seen.error != X509_V_ERR_IP_ADDRESS_MISMATCH) {
            say_chain(outcome);
        } else {
            say_name(outcome);
        }
    } else if (seen.alert == 0 || !say_alert(outcome)) {
        return false;
    }
    outcome->stage = "tls";
    outcome->outcome = "tls-failed";
    return true;
}

bool hg_peer_suspect(struct hg_outcome *outcome)
{
    struct hg_certificate own;
    const char *file = expected.probe ? expected.probe->tls.cert : NULL;

    if (!seen.handshake || !seen.asked || (seen.sent && file == NULL)) {
        return false;
    }
    if (!seen.sent) {
        snprintf(
            outcome->message, sizeof(outcome->message),
            "the server ended the connection when TLS was set up, as one does that requires a "
            "client's certificate: it asks for one, and the plan names none; write `tls: {cert: "
            "FILE, key: FILE}`");
    } else if (!hg_certificate_read_file(file, &own)) {
        return false;
    } else if (own.days_left < 0) {
        snprintf(
            outcome->message, sizeof(outcome->message),
            "the server ended the connection when it had seen the client's certificate of the "
            "plan: it expired on %.10s",
            own.not_after);
    } else {
        snprintf(
            outcome->message, sizeof(outcome->message),
            "the server ended the connection when it had seen the client's certificate of the "
            "plan, as one does that does not know its authority, `%.150s`",
            own.issuer);
    }
    outcome->stage = "tls";
    outcome->outcome = "tls-failed";
    return true;
}

bool hg_peer_wanted_certificate(void)
{
    return seen.asked && !seen.sent;
}

/* ---- as a fact ---- */

static const char *verified(const struct hg_probe *probe, bool encrypted)
{
    int mode = (int)probe->tls.mode;

    if (!encrypted || mode == HG_TLS_OFF || mode == HG_TLS_REQUIRED) {
        return "none"; /* whoever had been there, it would have gone on */
    }
    return mode == HG_TLS_VERIFY_FULL ? "full" : "ca";
}

json_t *hg_peer_fact(const struct hg_probe *probe, bool encrypted, const char *version,
                     const char *cipher, bool loopback)
{
    bool known = encrypted && seen.handshake;
    json_t *fact = json_pack("{s:b, s:s, s:s, s:s, s:b}", "encrypted", encrypted, "version",
                             known                  ? seen.version
                             : encrypted && version ? version
                                                    : "",
                             "cipher",
                             known                 ? seen.cipher
                             : encrypted && cipher ? cipher
                                                   : "",
                             "verified", verified(probe, encrypted), "loopback", loopback);

    if (fact == NULL || !known) {
        return fact;
    }
    json_object_set_new(fact, "client_certificate",
                        json_string(seen.sent    ? "sent"
                                    : seen.asked ? "asked-for"
                                                 : "not-asked"));
    if (seen.certificate) {
        json_object_set_new(fact, "certificate", hg_certificate_json(&seen.server));
    }
    return fact;
}

bool hg_peer_files(struct hg_probe *probe, bool strict)
{
    char why[400];

    if (probe->tls.mode == HG_TLS_OFF || (probe->tls.cert == NULL && probe->tls.key == NULL) ||
        hg_certificate_pair(probe->tls.cert, probe->tls.key, strict, why, sizeof(why))) {
        return true;
    }
    hg_emit_fault(probe, "%s", why);
    return false;
}
