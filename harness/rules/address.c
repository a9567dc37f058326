/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "rules/rule.h"

bool hg_address_split(const char *address, char *key, size_t size, const char **ret_pointer)
{
    size_t len = strcspn(address, "/");

    if (len >= size) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = address[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
              c == '_')) {
            return false;
        }
    }
    memcpy(key, address, len);
    key[len] = '\0';
    *ret_pointer = address + len;
    return true;
}

/* One reference token of RFC 6901: ~1 is '/', ~0 is '~'. */
static json_t *step(const json_t *value, const char *token, size_t len)
{
    char name[256];
    size_t n = 0;

    for (size_t i = 0; i < len && n + 1 < sizeof(name); i++) {
        if (token[i] == '~' && i + 1 < len && (token[i + 1] == '0' || token[i + 1] == '1')) {
            name[n++] = token[++i] == '0' ? '~' : '/';
        } else {
            name[n++] = token[i];
        }
    }
    name[n] = '\0';
    if (json_is_array(value)) {
        char *end;
        unsigned long index = strtoul(name, &end, 10);

        return name[0] >= '0' && name[0] <= '9' && *end == '\0' ? json_array_get(value, index)
                                                                : NULL;
    }
    return json_object_get(value, name);
}

json_t *hg_pointer_get(const json_t *value, const char *pointer)
{
    const json_t *at = value;

    while (at != NULL && *pointer == '/') {
        size_t len = strcspn(++pointer, "/");

        at = step(at, pointer, len);
        pointer += len;
    }
    return (json_t *)at;
}
