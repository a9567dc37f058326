/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/mysql/mysql.h"

void my_ask_grants(struct my_session *session)
{
    (void)session;
}

void my_ask_account(struct my_session *session)
{
    (void)session;
}

void my_audit(struct my_session *auditor, const char *user, const char *account)
{
    (void)auditor;
    (void)user;
    (void)account;
}
