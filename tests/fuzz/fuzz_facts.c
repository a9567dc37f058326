/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_facts.c - lines as a probe prints them. */
#include <jansson.h>
#include <string.h>

#include "fuzz.h"
#include "model/fact.h"

static void read_back(const struct hg_facts *facts)
{
    json_t *lines = hg_facts_lines(facts), *line;
    size_t i;

    MUST(lines != NULL);
    json_array_foreach (lines, i, line) {
        const char *key = json_string_value(json_object_get(line, "key"));
        struct hg_fact fact;
        char *text = json_dumps(line, 0);

        MUST(key != NULL && text != NULL);
        fact = hg_facts_get(facts, key);
        MUST((fact.state == HG_FACT_KNOWN) == (fact.value != NULL));
        MUST(hg_fact_state_name(fact.state) != NULL);
        hg_facts_has(facts, key);
        free(text);
    }
    json_decref(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_facts *facts = hg_facts_new("t");

    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size;
        json_t *line = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
        struct hg_error err = { 0 };

        if (line != NULL && !hg_facts_put_line(facts, line, &err)) {
            MUST(err.code == HG_E_SYNTAX && err.text[0] != '\0');
        }
        json_decref(line);
        len += end != NULL;
        data += len;
        size -= len;
    }
    read_back(facts);
    hg_facts_free(facts);
    return 0;
}
