/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct hg_buf *buf, size_t more)
{
    size_t need, cap;
    char *grown;

    if (buf->failed || more > (size_t)-1 / 4 - buf->len) {
        buf->failed = true;
        return false;
    }
    need = buf->len + more + 1;
    if (need <= buf->cap) {
        return true;
    }
    cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need) {
        cap *= 2;
    }
    grown = realloc(buf->text, cap);
    if (grown == NULL) {
        buf->failed = true;
        return false;
    }
    buf->text = grown;
    buf->cap = cap;
    return true;
}

void hg_buf_done(struct hg_buf *buf)
{
    free(buf->text);
    *buf = (struct hg_buf){ 0 };
}

void hg_buf_clear(struct hg_buf *buf)
{
    buf->len = 0;
    if (buf->text != NULL) {
        buf->text[0] = '\0';
    }
}

void hg_buf_put(struct hg_buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len)) {
        return;
    }
    if (len > 0) {
        memcpy(buf->text + buf->len, bytes, len);
    }
    buf->len += len;
    buf->text[buf->len] = '\0';
}

void hg_buf_puts(struct hg_buf *buf, const char *text)
{
    hg_buf_put(buf, text, strlen(text));
}

void hg_buf_putc(struct hg_buf *buf, char c)
{
    hg_buf_put(buf, &c, 1);
}

void hg_buf_printf(struct hg_buf *buf, const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len < 0 || !reserve(buf, (size_t)len)) {
        buf->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(buf->text + buf->len, (size_t)len + 1, fmt, ap);
    va_end(ap);
    buf->len += (size_t)len;
}

bool hg_buf_ok(const struct hg_buf *buf)
{
    return !buf->failed;
}

const char *hg_buf_text(const struct hg_buf *buf)
{
    return buf->text ? buf->text : "";
}

char *hg_buf_take(struct hg_buf *buf)
{
    char *text = NULL;

    if (buf->failed || !reserve(buf, 0)) {
        hg_buf_done(buf);
        return NULL;
    }
    buf->text[buf->len] = '\0';
    text = buf->text;
    *buf = (struct hg_buf){ 0 };
    return text;
}
