/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_secret.c - a secret payload, for each engine. */
#include <jansson.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "fuzz.h"
#include "probes/common/secret.h"

static bool is_text(const char *text)
{
    return text == NULL || hg_utf8_valid(text, strlen(text));
}

static void look(const struct hg_secret *secret)
{
    json_t *list = json_object_get(secret->report, "disagreements"), *item;
    char *text = json_dumps(secret->report, 0);
    size_t i;

    MUST(text != NULL);
    MUST(json_object_get(secret->report, "password") == NULL);
    MUST(secret->port >= 0 && secret->port <= 65535);
    MUST(is_text(secret->host) && is_text(secret->username) && is_text(secret->password));
    MUST(is_text(secret->database) && is_text(secret->auth_source));
    MUST(!secret->usable || (secret->host != NULL && secret->password != NULL));
    json_array_foreach (list, i, item) {
        const char *field = json_string_value(json_object_get(item, "field"));

        MUST(field != NULL);
        MUST(strcmp(field, "password") != 0 ||
             (json_string_length(json_object_get(item, "field_value")) == 0 &&
              json_string_length(json_object_get(item, "string_value")) == 0));
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const engines[] = { "mysql", "postgres", "mongodb", NULL };

    for (size_t i = 0; i < HG_COUNT(engines); i++) {
        struct hg_error err = { 0 };
        struct hg_secret *secret = hg_secret_parse((const char *)data, size, engines[i], &err);

        MUST(secret != NULL || (err.code == HG_E_SYNTAX && err.text[0] != '\0'));
        if (secret != NULL) {
            look(secret);
        }
        hg_secret_free(secret);
    }
    return 0;
}
