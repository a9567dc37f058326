/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/common/certificate.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_NAMES 12 /* the rest is left out of sentences and facts */

static void put_name(const X509_NAME *name, char *ret, size_t size)
{
    BIO *out = BIO_new(BIO_s_mem());
    int n = 0;

    if (out != NULL && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253) >= 0) {
        n = BIO_read(out, ret, (int)size - 1);
    }
    ret[n > 0 ? n : 0] = '\0'; /* RFC 2253 escapes what is not ASCII */
    BIO_free(out);
}

static void put_time(const ASN1_TIME *time, char *ret, size_t size)
{
    struct tm tm = { 0 };

    if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1 ||
        strftime(ret, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        ret[0] = '\0';
    }
}

/* One name, in backticks, as printable ASCII. */
static size_t put_text(char *ret, size_t at, size_t size, const unsigned char *text, int n)
{
    if (n < 0 || at + (size_t)n + 5 >= size) {
        return at;
    }
    at += (size_t)snprintf(ret + at, size - at, "%s`", at > 0 ? ", " : "");
    for (int i = 0; i < n; i++) {
        ret[at++] = text[i] > ' ' && text[i] < 127 && text[i] != '`' && text[i] != ','
                        ? (char)text[i]
                        : '?';
    }
    ret[at++] = '`';
    ret[at] = '\0';
    return at;
}

static size_t put_address(char *ret, size_t at, size_t size, const ASN1_OCTET_STRING *ip)
{
    const unsigned char *b = ASN1_STRING_get0_data(ip);
    int len = ASN1_STRING_length(ip), n = 0;
    char text[64];

    if (len == 4) {
        n = snprintf(text, sizeof(text), "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    } else if (len == 16) {
        for (int i = 0; i < 16; i += 2) {
            n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%x", i ? ":" : "",
                          (unsigned)b[i] << 8 | b[i + 1]);
        }
    }
    return put_text(ret, at, size, (const unsigned char *)text, n);
}

static void put_names(X509 *cert, char *ret, size_t size)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    size_t at = 0;

    ret[0] = '\0';
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && i < MAX_NAMES; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type == GEN_DNS) {
            at = put_text(ret, at, size, ASN1_STRING_get0_data(name->d.dNSName),
                          ASN1_STRING_length(name->d.dNSName));
        } else if (name->type == GEN_IPADD) {
            at = put_address(ret, at, size, name->d.iPAddress);
        }
    }
    GENERAL_NAMES_free(names);
}

void hg_certificate_read(X509 *cert, struct hg_certificate *ret)
{
    int days = 0, seconds = 0;

    memset(ret, 0, sizeof(*ret));
    put_name(X509_get_subject_name(cert), ret->subject, sizeof(ret->subject));
    put_name(X509_get_issuer_name(cert), ret->issuer, sizeof(ret->issuer));
    put_names(cert, ret->names, sizeof(ret->names));
    put_time(X509_get0_notBefore(cert), ret->not_before, sizeof(ret->not_before));
    put_time(X509_get0_notAfter(cert), ret->not_after, sizeof(ret->not_after));
    if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) == 1) {
        ret->days_left = days - (seconds < 0);
    }
}

bool hg_certificate_read_file(const char *path, struct hg_certificate *ret)
{
    BIO *in = BIO_new_file(path, "r");
    X509 *cert = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

    if (cert != NULL) {
        hg_certificate_read(cert, ret);
    }
    X509_free(cert);
    BIO_free(in);
    ERR_clear_error();
    return cert != NULL;
}

bool hg_certificate_fits(X509 *cert, const char *name)
{
    return X509_check_ip_asc(cert, name, 0) == 1 ||
           X509_check_host(cert, name, strlen(name), 0, NULL) == 1;
}

json_t *hg_certificate_json(const struct hg_certificate *cert)
{
    json_t *names = json_array();
    const char *p = cert->names;

    while (*p == '`') {
        size_t len = strcspn(p + 1, "`");

        json_array_append_new(names, json_stringn(p + 1, len));
        p += len + 2;
        p += strspn(p, ", ");
    }
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:I}", "subject", cert->subject, "issuer",
                     cert->issuer, "names", names, "not_before", cert->not_before, "not_after",
                     cert->not_after, "days_left", (json_int_t)cert->days_left);
}

/* ---- a client's own ---- */

/* OpenSSL would ask the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
    (void)buf;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

/* libpq's rule: the owner alone; a key of root's may be read by its group. */
static bool open_to_others(const char *path, struct stat *st)
{
    return stat(path, st) == 0 && (st->st_mode & (st->st_uid == 0 ? 0037 : 0077)) != 0;
}

static EVP_PKEY *read_key(const char *path, char *why, size_t size)
{
    BIO *in = BIO_new_file(path, "r");
    int code = errno;
    bool asked = false;
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &asked) : NULL;

    if (in == NULL) {
        snprintf(why, size, "the key file %.200s cannot be read: %s", path, strerror(code));
    } else if (key == NULL && asked) {
        snprintf(
            why, size,
            "the key in %.150s is encrypted with a passphrase, and headgate has none: write "
            "it without one (openssl pkey -in FILE -out NEW, mode 0600)",
            path);
    } else if (key == NULL) {
        snprintf(why, size, "the key file %.200s holds no private key in PEM form", path);
    }
    BIO_free(in);
    return key;
}

static X509 *read_certificate(const char *path, char *why, size_t size)
{
    BIO *in = BIO_new_file(path, "r");
    int code = errno;
    X509 *cert = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

    if (in == NULL) {
        snprintf(why, size, "the certificate file %.200s cannot be read: %s", path,
                 strerror(code));
    } else if (cert == NULL) {
        snprintf(why, size, "the certificate file %.200s holds no certificate in PEM form",
                 path);
    }
    BIO_free(in);
    return cert;
}

bool hg_certificate_pair(const char *cert_file, const char *key_file, bool strict, char *why,
                         size_t size)
{
    const char *key_path = key_file ? key_file : cert_file;
    struct stat st;
    X509 *cert;
    EVP_PKEY *key = NULL;
    bool ok = false;

    if (cert_file == NULL) {
        snprintf(why, size, "the plan names a key (%.200s) without its certificate: `tls.cert`",
                 key_file);
        return false;
    }
    cert = read_certificate(cert_file, why, size);
    key = cert ? read_key(key_path, why, size) : NULL;
    if (cert == NULL || key == NULL) {
        ok = false;
    } else if (X509_check_private_key(cert, key) != 1) {
        snprintf(why, size, "the key in %.150s does not belong to the certificate in %.150s",
                 key_path, cert_file);
    } else if (strict && open_to_others(key_path, &st)) {
        snprintf(
            why, size,
            "the key file %.150s may be read by others (mode %04o), and PostgreSQL's client "
            "library refuses that: chmod 600",
            key_path, (unsigned)st.st_mode & 0777);
    } else {
        ok = true;
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return ok;
}
