// An app written with @slack/bolt for Node: the same story, in another language.
import bolt from "@slack/bolt";
import { WebClient } from "@slack/web-api";

const { SANDBOX_API, SANDBOX_APP_TOKEN, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET, SANDBOX_CODE } = process.env;
const settings = JSON.parse(process.env.SANDBOX_STORY);
const clientOptions = { slackApiUrl: SANDBOX_API };
const grant = await new WebClient(undefined, clientOptions).oauth.v2.access({
  client_id: SANDBOX_CLIENT_ID,
  client_secret: SANDBOX_CLIENT_SECRET,
  code: SANDBOX_CODE,
});
const app = new bolt.App({
  token: grant.access_token,
  appToken: SANDBOX_APP_TOKEN,
  socketMode: true,
  clientOptions,
  logLevel: bolt.LogLevel.ERROR,
});

app.command("/hello", async ({ ack, body, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: settings.form });
});
app.view("form", async ({ ack, view }) => {
  const refused = view.state.values.b.a.value === "bad";
  await (refused ? ack({ response_action: "errors", errors: { b: "not this" } }) : ack());
});
app.message(async ({ message, client }) => {
  const posted = await client.chat.postMessage({ channel: message.channel, text: "you sait" });
  await client.chat.update({ channel: message.channel, ts: posted.ts, text: `you said: ${message.text}` });
});
app.event("app_home_opened", async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: settings.home });
});
app.command("/count", async ({ ack, body, client }) => {
  await ack();
  let found = 0;
  for await (const page of client.paginate("users.list", { limit: 200 })) found += page.members.length;
  await client.chat.postMessage({ channel: body.user_id, text: `${found} people` });
});
app.command("/upload", async ({ ack, body, client }) => {
  await ack();
  const opened = await client.conversations.open({ users: body.user_id });
  const file = Buffer.from(settings.picture, "base64");
  await client.files.uploadV2({ channel_id: opened.channel.id, file, filename: "a.gif", title: "A picture" });
});

await app.start();
console.log("ready");
process.on("SIGTERM", async () => {
  await app.stop();
  process.exit(0);
});
