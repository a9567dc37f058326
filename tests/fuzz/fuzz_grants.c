/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_grants.c - lines of SHOW GRANTS; a first byte of ! or @ says that they are not complete
 * or that a role is active. */
#include <jansson.h>
#include <string.h>

#include "base/attr.h"
#include "fuzz.h"
#include "rules/privileges.h"

static void ask(const json_t *grants, bool complete)
{
    static const char *const objects[] = { "*.*", "db.*", "d_1.t", "SMALL.a.b", "x" };
    static const char *const privileges[] = { "SELECT", "REPLICATION CLIENT", "GRANT OPTION" };

    for (size_t i = 0; i < HG_COUNT(objects) * HG_COUNT(privileges); i++) {
        enum hg_verdict verdict = hg_mysql_allows(grants, privileges[i % HG_COUNT(privileges)],
                                                  objects[i / HG_COUNT(privileges)]);

        MUST(verdict == HG_PASS || verdict == HG_UNKNOWN || (verdict == HG_FAIL && complete));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool complete = size > 0 && data[0] != '!', understood;
    json_t *lines = json_array(), *held;
    const char *role = size > 0 && data[0] == '@' ? "`r`@`%`" : NULL;
    json_t *grants = json_pack("{s:o, s:[s*], s:b}", "lines", lines, "roles", role, "complete",
                               complete);
    char *text;

    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size;
        json_t *line = memchr(data, '\0', len) ? NULL : json_stringn((const char *)data, len);

        json_array_append_new(lines, line ? line : json_null());
        len += end != NULL;
        data += len;
        size -= len;
    }
    ask(grants, complete);
    held = hg_mysql_privileges(grants, &understood);
    text = json_dumps(held, 0);
    MUST(text != NULL);
    MUST(complete || !understood);
    free(text);
    json_decref(held);
    json_decref(grants);
    return 0;
}
