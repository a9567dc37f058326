/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "unit/unit.h"

static void cleans_hostile_text(void **state)
{
    static const struct {
        const char *in, *out;
        size_t max;
    } rows[] = {
        { "plain",             "plain",                                100 },
        { "a\tb\nc",           "a b c",                                100 },
        { "\x1b[31mred",       "\\u{1b}[31mred",                       100 },
        { "\xff\xfe",          "\xef\xbf\xbd\xef\xbf\xbd",             100 },
        { "\xc0\xaf",          "\xef\xbf\xbd\xef\xbf\xbd",             100 }, /* overlong '/' */
        { "\xed\xa0\x80",      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 100 }, /* a surrogate */
        { "x\xe2\x80\xaey",    "x\\u{202e}y",                          100 }, /* right-to-left override */
        { "\xef\xbf\xbe",      "\\u{fffe}",                            100 },
        { "abcdef",            "abc\xe2\x80\xa6",                      3   },
        { "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9",                    3   },
        { "",                  "",                                     3   },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_buf out = { 0 };

        hg_text_clean(&out, rows[i].in, strlen(rows[i].in), rows[i].max);
        assert_string_equal(hg_buf_text(&out), rows[i].out);
        assert_true(hg_utf8_valid(hg_buf_text(&out), out.len));
        hg_buf_done(&out);
    }
}

static void globs(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        { "*",        "",              true  },
        { "*",        "anything",      true  },
        { "a.*",      "a.b",           true  },
        { "a.*",      "ab",            false },
        { "?",        "x",             true  },
        { "?",        "",              false },
        { "*.x",      "a.b.x",         true  },
        { "a*b*c",    "aXXbYYc",       true  },
        { "a*b*c",    "aXXbYY",        false },
        { "A",        "a",             false },
        { "",         "",              true  },
        { "",         "a",             false },
        { "public.*", "public.audits", true  },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        assert_int_equal(hg_glob(rows[i].pattern, rows[i].text), rows[i].fits);
    }
}

static void durations_and_sizes(void **state)
{
    static const struct {
        const char *text;
        long long seconds, bytes; /* -1: refused */
    } rows[] = {
        { "7d",                   604800, -1       },
        { "24h",                  86400,  -1       },
        { "90",                   90,     90       },
        { "15m",                  900,    15 << 20 },
        { "0s",                   0,      -1       },
        { "64MB",                 -1,     64 << 20 },
        { "8kB",                  -1,     8192     },
        { "",                     -1,     -1       },
        { "-1",                   -1,     -1       },
        { "7days",                -1,     -1       },
        { "d",                    -1,     -1       },
        { "99999999999999999999", -1,     -1       },
        { "9223372036854775807w", -1,     -1       }, /* would overflow */
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        long long got = -1;

        assert_int_equal(hg_duration_parse(rows[i].text, &got), rows[i].seconds >= 0);
        if (rows[i].seconds >= 0) {
            assert_true(got == rows[i].seconds);
        }
        assert_int_equal(hg_size_parse(rows[i].text, &got), rows[i].bytes >= 0);
        if (rows[i].bytes >= 0) {
            assert_true(got == rows[i].bytes);
        }
    }
}

static void suggests_the_nearest_word(void **state)
{
    static const char *const names[] = { "engine", "secret", "scope", "tls", NULL };

    (void)state;
    assert_string_equal(hg_did_you_mean("engin", names), "engine");
    assert_string_equal(hg_did_you_mean("sercet", names), "secret");
    assert_string_equal(hg_did_you_mean("tsl", names), "tls");
    assert_null(hg_did_you_mean("zebra", names));
    assert_null(hg_did_you_mean("x", names));
}

static void buffers_stick_to_their_failure(void **state)
{
    struct hg_buf buf = { 0 };

    (void)state;
    hg_buf_printf(&buf, "%d-%s", 7, "x");
    assert_string_equal(hg_buf_text(&buf), "7-x");
    buf.failed = true;
    hg_buf_puts(&buf, "more");
    assert_string_equal(hg_buf_text(&buf), "7-x");
    assert_null(hg_buf_take(&buf));
    assert_string_equal(hg_buf_text(&buf), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans_hostile_text),
        cmocka_unit_test(globs),
        cmocka_unit_test(durations_and_sizes),
        cmocka_unit_test(suggests_the_nearest_word),
        cmocka_unit_test(buffers_stick_to_their_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
