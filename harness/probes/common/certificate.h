/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * certificate.h - what a certificate says, in words and as a value. All text comes out as
 * printable ASCII, whatever the certificate holds.
 */

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

struct json_t;

struct hg_certificate {
    char subject[256], issuer[256];     /* RFC 2253 */
    char names[600];                    /* `a`, `b`: of subjectAltName; "" without any */
    char not_before[24], not_after[24]; /* 2026-11-24T10:00:00Z */
    long long days_left;                /* whole days; below 0: it is over */
};

void hg_certificate_read(X509 *cert, struct hg_certificate *ret);
/* The first certificate of a PEM file. */
bool hg_certificate_read_file(const char *path, struct hg_certificate *ret);
/* The certificate is for this name, or this address. */
bool hg_certificate_fits(X509 *cert, const char *name);
/* {"subject","issuer","names":[…],"not_before","not_after","days_left"} */
struct json_t *hg_certificate_json(const struct hg_certificate *cert);

/* A client's certificate and key (NULL: in the certificate's file) can be used without a
 * passphrase, and belong together; `strict`: and nobody else may read the key. False with a
 * sentence. */
bool hg_certificate_pair(const char *cert, const char *key, bool strict, char *why,
                         size_t size);
