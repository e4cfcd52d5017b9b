"""The emoji shortcodes in common use. An unknown one stays as it was typed."""

_TABLE = """
+1 👍; -1 👎; thumbsup 👍; thumbsdown 👎; clap 👏; wave 👋; pray 🙏; muscle 💪; raised_hands 🙌
handshake 🤝; ok_hand 👌; point_right 👉; point_left 👈; point_up ☝️; point_down 👇
raising_hand 🙋; eyes 👀; ear 👂; brain 🧠; speech_balloon 💬; thought_balloon 💭; smile 😄
grinning 😀; slightly_smiling_face 🙂; blush 😊; joy 😂; wink 😉; thinking_face 🤔
neutral_face 😐; slightly_frowning_face 🙁; cry 😢; relieved 😌; tired_face 😫
hugging_face 🤗; sunglasses 😎; heart ❤️; green_heart 💚; blue_heart 💙; yellow_heart 💛
purple_heart 💜; broken_heart 💔; star ⭐; star2 🌟; sparkles ✨; tada 🎉; confetti_ball 🎊
fire 🔥; rocket 🚀; bulb 💡; seedling 🌱; herb 🌿; deciduous_tree 🌳; sunny ☀️; partly_sunny ⛅
cloud ☁️; umbrella ☔; snowflake ❄️; rainbow 🌈; zap ⚡; white_check_mark ✅
heavy_check_mark ✔️; ballot_box_with_check ☑️; x ❌; warning ⚠️; no_entry ⛔
no_entry_sign 🚫; question ❓; grey_question ❔; exclamation ❗; information_source ℹ️
red_circle 🔴; large_orange_circle 🟠; large_yellow_circle 🟡; large_green_circle 🟢
large_blue_circle 🔵; white_circle ⚪; black_circle ⚫; large_blue_square 🟦
large_green_square 🟩; large_yellow_square 🟨; large_orange_square 🟧; large_red_square 🟥
white_large_square ⬜; arrow_right ➡️; arrow_left ⬅️; arrow_up ⬆️; arrow_down ⬇️
arrow_upper_right ↗️; arrow_lower_right ↘️; arrows_counterclockwise 🔄
left_right_arrow ↔️; fast_forward ⏩; repeat 🔁; one 1️⃣; two 2️⃣; three 3️⃣; four 4️⃣
five 5️⃣; bell 🔔; no_bell 🔕; zzz 💤; clock1 🕐; clock3 🕒; alarm_clock ⏰; stopwatch ⏱️
hourglass ⌛; hourglass_flowing_sand ⏳; calendar 📆; date 📅; spiral_calendar_pad 🗓️
bar_chart 📊; chart_with_upwards_trend 📈; chart_with_downwards_trend 📉; clipboard 📋
memo 📝; pencil 📝; pencil2 ✏️; pushpin 📌; paperclip 📎; link 🔗; lock 🔒; unlock 🔓; key 🔑
mag 🔍; gear ⚙️; hammer_and_wrench 🛠️; wrench 🔧; toolbox 🧰; package 📦; inbox_tray 📥
outbox_tray 📤; email 📧; envelope ✉️; phone ☎️; telephone_receiver 📞; iphone 📱
computer 💻; books 📚; book 📖; mega 📣; loudspeaker 📢; busts_in_silhouette 👥
bust_in_silhouette 👤; people_holding_hands 🧑‍🤝‍🧑; hospital 🏥; stethoscope 🩺; pill 💊
syringe 💉; ambulance 🚑; bed 🛏️; house 🏠; door 🚪; coffee ☕; cake 🍰; trophy 🏆; medal 🏅
dart 🎯; compass 🧭; world_map 🗺️; palm_tree 🌴; airplane ✈️; robot_face 🤖; traffic_light 🚦
construction 🚧; balance_scale ⚖️; jigsaw 🧩; test_tube 🧪; microscope 🔬
"""


def _read(table: str) -> dict[str, str]:
    entries = (entry.split() for line in table.strip().splitlines() for entry in line.split(";"))
    return dict(entries)


EMOJI = _read(_TABLE)


def emoji(name: str) -> str:
    """The sign for a shortcode without its colons, or the shortcode itself."""
    return EMOJI.get(name.split("::", maxsplit=1)[0], f":{name}:")
