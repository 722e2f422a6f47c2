// The five minutes of the README with a client that openapi-typescript generated: node five_minutes.js URL
import createClient from "openapi-fetch";
import type { components, paths } from "./hub.js";

type Conflict = components["schemas"]["ConflictError"];

function check(condition: boolean, what: unknown): asserts condition {
  if (!condition) throw new Error(`unexpected: ${JSON.stringify(what)}`);
}

const [url] = process.argv.slice(2);
check(url !== undefined, "usage: five_minutes.js URL");
const anonymous = createClient<paths>({ baseUrl: url });
const account = { email: "typescript@example.com", password: "password of typescript" };

const signedUp = await anonymous.POST("/api/users/signup", { body: account });
check(signedUp.data?.data.email === account.email, signedUp.error);
const again = await anonymous.POST("/api/users/signup", { body: account });
const taken: Conflict["error"] = "User already exists";
check(again.response.status === 409 && again.error?.error === taken, again.error);

const loggedIn = await anonymous.POST("/api/users/login", { body: account });
check(loggedIn.data !== undefined, loggedIn.error);
const hub = createClient<paths>({
  baseUrl: url,
  headers: { Authorization: `Bearer ${loggedIn.data.data.token}` },
});

const created = await hub.POST("/api/buckets", { body: { name: "typescript-bucket" } });
check(created.data?.success === true, created.error);
const listed = await hub.GET("/api/buckets", { params: { query: { limit: 10 } } });
const names: string[] | undefined = listed.data?.data.map((bucket) => bucket.name);
check(names?.length === 1 && names[0] === "typescript-bucket", listed.error ?? names);
const bucket = { params: { path: { name: "typescript-bucket" } } };
const policy = await hub.GET("/api/buckets/{name}/policy", bucket);
check(policy.data?.policy["Version"] === "2012-10-17", policy.error ?? policy.data);
const deleted = await hub.DELETE("/api/buckets/{name}", bucket);
check(deleted.data?.message === "Bucket 'typescript-bucket' deleted successfully", deleted.error);
const gone = await hub.GET("/api/buckets/{name}", bucket);
check(gone.response.status === 404 && gone.error?.error === "Bucket not found", gone.error);
console.log("typescript: sign-up, login, bucket, list, policy, delete");
