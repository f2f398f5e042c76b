def test_smoke(ws):
    ws.save("desk/emails/welcome", "Hello {{ name }}")
    ws.publish("desk/emails")
    p = ws.get("desk/emails/welcome")
    assert p.render(name="Ada").text == "Hello Ada"
    ws.label("desk/emails", "production")
    print(ws.ls("desk/emails"), ws.search("hello"), ws.log("desk/emails"), ws.draft_log("desk/emails"))
    print(ws.set("desk/emails"), ws.project("desk"), ws.diff("desk/emails"))
    ws.update_project("desk", rename="help")
    print(ws.ls(), ws.get("help/emails/welcome"))
