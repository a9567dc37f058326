/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/common/dial.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>

static char dialled[64];

void hg_dial_only(const char *address)
{
    snprintf(dialled, sizeof(dialled), "%.63s", address ? address : "");
}

__attribute__((visibility("default"))) int getaddrinfo(const char *restrict node,
                                                       const char *restrict service,
                                                       const struct addrinfo *restrict hints,
                                                       struct addrinfo **restrict ret)
{
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    struct addrinfo numeric = { 0 };

    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
        if (real == NULL) {
            return EAI_SYSTEM;
        }
    }
    if (dialled[0] == '\0') {
        return real(node, service, hints, ret);
    }
    if (hints != NULL) {
        numeric = *hints;
    }
    numeric.ai_flags |= AI_NUMERICHOST;
    return real(dialled, service, &numeric, ret);
}
