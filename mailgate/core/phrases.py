"""Knows what an answering machine says in a subject, in many languages: lists of phrases in lower case.

A list is written with one language, or one kindred group, on a line.
"""

# ruff: noqa: RUF001 - letters that look alike are the letters of their languages


def phrases(lines: str) -> tuple[str, ...]:
    """The phrases in a text that separates them by `|` and by lines."""
    return tuple(
        phrase.strip() for line in lines.splitlines() for phrase in line.split("|") if phrase.strip()
    )


# What an answering machine's subject begins with; a plain word only where a colon or nothing follows it.
AWAY = phrases("""
automatic reply | automatic response | automatic answer | automated reply | automated response | auto reply
auto-reply | autoreply | auto response | auto-response | autoresponse | auto-responder | autoresponder
auto:
out of office | out of the office | out-of-office | ooo: | away from the office | away from my office
away from my mail | away from my desk | away until | i am away | i'm away | i am out of | i'm out of
i am currently out of | i am currently away | vacation reply
vacation message | vacation response | vacation: | on vacation: | on holiday: | on leave:
not in the office | absent from the office | absence:
automatische antwort | automatische rückantwort | autoantwort | abwesenheitsnotiz | abwesenheitsnachricht
abwesenheitsmeldung | abwesenheitsassistent | abwesenheit: | abwesend: | abwesenheitsbenachrichtigung
nicht im büro | nicht im haus | außer haus | ich bin nicht im büro | ich bin im urlaub | im urlaub:
réponse automatique | reponse automatique | absence du bureau | absent du bureau | absente du bureau
message d'absence | absence : | je suis absent | en congés: | réponse d'absence
respuesta automática | respuesta automatica | autorespuesta | fuera de la oficina | fuera de oficina
ausente de la oficina | estoy fuera de la oficina
risposta automatica | fuori sede | fuori ufficio | assente dall'ufficio | assenza dall'ufficio
resposta automática | resposta automatica | fora do escritório | ausente do escritório | ausência temporária
automatisch antwoord | automatische beantwoording | afwezig: | afwezigheid: | niet op kantoor
afwezigheidsbericht
automatyczna odpowiedź | odpowiedź automatyczna | autoodpowiedź | nieobecność: | poza biurem:
automatiskt svar | autosvar | frånvaro: | frånvarande: | frånvaromeddelande | ej på kontoret
automatisk svar | fraværende: | fravær: | ikke til stede | ikke på kontoret | fraværsmelding
automatická odpověď | nepřítomnost: | mimo kancelář: | jsem mimo kancelář | automatická odpoveď
automaattinen vastaus | poissa toimistosta | automatikus válasz | răspuns automat | αυτόματη απάντηση
автоматический ответ | автоответ | вне офиса | отсутствую на рабочем месте | я в отпуске
автоматична відповідь | автовідповідь | поза офісом | відсутній на робочому місці
otomatik yanıt | otomatik cevap | ofis dışında | ofis dışındayım | iş yeri dışında
自動応答 | 自動返信 | 不在通知 | 不在のお知らせ | 不在届 | 不在: | 不在：
自动答复 | 自动回复 | 自動回覆 | 自動答覆 | 不在办公室 | 不在辦公室 | 外出:
자동 회신 | 자동회신 | 자동 응답 | 자동응답 | 자동 답장
부재중: | 부재 중:
מענה | תשובה אוטומטית | رد تلقائي
""")

# What it says further on, after the name of who is away.
IS_AWAY = phrases("""
is out of the office | is out of office | out of office reply | out of office autoreply | is on vacation
is currently out of the office | out of office notification | out of office assistant
is away from the office
ist außer haus | ist nicht im haus | ist nicht im büro | ist im urlaub | ist abwesend
est absent du bureau | est absente du bureau | está fuera de la oficina | is niet op kantoor | is afwezig
""")
