function must(reply) {
  if (reply.ok !== 1 || reply.writeErrors) throw new Error(JSON.stringify(reply));
}
