"""Knows what an answering machine says in a subject, in many languages: lists of phrases in lower case.

A list is written with one language, or one kindred group, on a line.
"""

# ruff: noqa: RUF001 - letters that look alike are the letters of their languages


def phrases(lines: str) -> tuple[str, ...]:
    """The phrases in a text that separates them by `|` and by lines."""
    return tuple(
        phrase.strip() for line in lines.splitlines() for phrase in line.split("|") if phrase.strip()
    )


# What an answering machine's subject begins with; what may follow it stands in `UNTIL`.
AWAY = phrases("""
automatic reply | automatic response | automatic answer | automated reply | automated response | auto reply
auto-reply | autoreply | auto response | auto-response | autoresponse | auto-responder | autoresponder
auto reply message | automatic out of office reply
out of office | out of the office | out-of-office | ooo | ooto | away from the office | away from my office
away from my mail | away from my desk | i am away | i'm away | i am out of the office
i'm out of the office | i am out of office | i'm out of office | i am currently out of the office
i am currently out of office | i am currently away | i am on vacation | i'm on vacation | i am on leave
vacation reply | vacation message | vacation response | vacation | on vacation | on holiday | on leave
annual leave | not in the office | absent from the office | absence | absent | holiday notice
maternity leave | parental leave | sick leave
automatische antwort | automatische rückantwort | automatische nachricht | autoantwort | auto-antwort
abwesenheitsnotiz | abwesenheitsnachricht | abwesenheitsmeldung | abwesenheitsassistent | abwesenheit
abwesend | abwesenheitsbenachrichtigung | abwesenheitsinfo | abwesenheitsagent | elternzeit | urlaub
nicht im büro | nicht im haus | außer haus | ausser haus | ich bin nicht im büro | ich bin im urlaub
im urlaub
réponse automatique | reponse automatique | réponse d'absence | absence du bureau | absent du bureau
absente du bureau | message d'absence | je suis absent | je suis absente | en congés | en congé
hors du bureau
respuesta automática | respuesta automatica | autorespuesta | contestación automática | fuera de la oficina
fuera de oficina | ausente de la oficina | estoy fuera de la oficina | ausente | de vacaciones
risposta automatica | fuori sede | fuori ufficio | assente dall'ufficio | assenza dall'ufficio | assente
resposta automática | resposta automatica | fora do escritório | ausente do escritório | ausência temporária
ausência do escritório | ausência | de férias
automatisch antwoord | automatische beantwoording | automatische reactie | afwezig | afwezigheid
niet op kantoor | afwezigheidsbericht | afwezigheidsmelding | afwezigheidsassistent
automatyczna odpowiedź | odpowiedź automatyczna | autoodpowiedź | autoresponder | nieobecność | poza biurem
automatiskt svar | autosvar | frånvaro | frånvarande | frånvaromeddelande | ej på kontoret | semester
automatisk svar | fraværende | fravær | ikke til stede | ikke på kontoret | fraværsmelding | fraværsbesked
automatická odpověď | nepřítomnost | mimo kancelář | jsem mimo kancelář | automatická odpoveď
automaattinen vastaus | poissa toimistosta | poissa | automatikus válasz | házon kívül | răspuns automat
absent din birou | αυτόματη απάντηση | εκτός γραφείου | автоматичен отговор | automatski odgovor
samodejni odgovor | automātiska atbilde | automatinis atsakymas | automaatvastus
автоматический ответ | автоответ | автоответчик | вне офиса | отсутствую на рабочем месте | я в отпуске
автоматична відповідь | автовідповідь | поза офісом | відсутній на робочому місці
otomatik yanıt | otomatik cevap | ofis dışında | ofis dışındayım | iş yeri dışında | ofis dışı
自動応答 | 自動返信 | 自動返信メール | 自動応答メール | 不在通知 | 不在のお知らせ | 不在届 | 不在
自动答复 | 自动回复 | 自動回覆 | 自動答覆 | 自動回復 | 不在办公室 | 不在辦公室 | 外出
자동 회신 | 자동회신 | 자동 응답 | 자동응답 | 자동 답장 | 부재중 | 부재 중
מענה אוטומטי | מענה 'אני לא נמצא' | אני לא נמצא | לא במשרד | תשובה אוטומטית
رد تلقائي | رد آلي | การตอบกลับอัตโนมัติ | trả lời tự động
balasan otomatis
""")

# With which words it may go on: everything else is a person who speaks of absences and automatic replies.
UNTIL = phrases("""
until | till | til | from | to | for | re | reply | response | message | notification | notice | alert
assistant
autoreply | auto-reply | auto reply | autoresponse | thru | through | between | on | as of | since
returning | back
and will | and returning
bis | vom | von | ab | am | auf | zu | für | wegen | jusqu'au | jusqu'à | du | de | à | au | le | pour
hasta | desde | del | al | el | fino | dal | dalla | até | a | tot | van | vanaf | op | t/m | do | od
w | na | till och med
från | fra | indtil | frem til | do dne | od do | к | до | с | по | на
""")

# What it says after the name of who is away, at the end or before such a word.
IS_AWAY = phrases("""
is out of the office | is out of office | is out of town | is on vacation | is on holiday | is on leave
is on annual leave | is away | is away from the office | is currently out of the office
is currently out of office | is currently away | will be out of the office | is no longer with the company
out of office | out of office reply | out of office autoreply | out of office notification
out of office assistant | out of office message | autoreply | auto-reply | auto reply
ist außer haus | ist nicht im haus | ist nicht im büro | ist im urlaub | ist abwesend | ist nicht erreichbar
est absent | est absente | est absent du bureau | est absente du bureau | est en congés | est en congé
está fuera de la oficina | está ausente | è assente | è fuori ufficio | está ausente do escritório
is niet op kantoor | is afwezig | är inte på kontoret | er ikke på kontoret | jest poza biurem
""")
