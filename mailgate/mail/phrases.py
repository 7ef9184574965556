"""Knows what mail programs write around a person's words, in many languages."""

# ruff: noqa: RUF001 - letters that look alike are the letters of their languages

from mailgate.core.phrases import phrases

# Who wrote: what the line says that introduces a quotation.
WROTE = phrases("""
wrote | writes | has written | sent
schrieb | schreibt | hat geschrieben | geschrieben
a écrit | a ecrit | écrit | écrivait
escribió | escribio | escribe
ha scritto | scrive | scritto
escreveu | schreef | geschreven
napisał(a) | napisał | napisała | napisal | napisal(a) | pisze
skrev | skriver | kirjoitti | írta | a scris
napsal(a) | napsal | napsala
пишет | написал | написала | писал | писала | писал(а) | написав | написала(в) | пише
yazdı | yazdi | yazmış | şunları yazdı
""")
# The same in scripts that put no blanks between words.
WROTE_JOINED = phrases("""
のメール | 書きました | 書いた | 写道 | 写到 | 寫道 | 写了 | 的来信 | 的邮件 | 작성 | 썼습니다 | 님이 쓴
보냄 | 썼다
""")

# The words with which such a line begins, before its date.
ON = phrases("""
on | at | am | um | le | el | il | em | no dia | op | in | w dniu | dnia | den | dne | d. | på | ti | to
från | fra
в | во | на | від | от | у | from | von | de | da | od | van
mo | di | mi | do | fr | sa | so | ma | wo | za | zo | wt | pt | út | ut | st | čt | pá | ne | po | ke | pe
la | su
пн | вт | ср | чт | пт | сб | вс | нд | śr
""")
# How the names of weekdays begin.
WEEKDAYS = phrases("""
mon | tue | wed | thu | fri | sat | sun | mont | diens | mittw | donn | frei | sams | sonn
lun | mar | mer | jeu | ven | sam | dim | mié | jue | vie | sáb | sab | dom | gio | qua | qui | sex | seg
ter
maan | dins | woen | dond | vrij | zat | zon | pon | wto | śro | czw | pią | sob | nied | niedz
mån | tis | ons | tor | fre | lör | sön | man | tir | ons | lør | søn | úte | stř | čtv | pát | ned
пон | вто | сре | чет | пят | суб | вос | нед | сер | п'ят | pzt | sal | çar | per | cum | cmt | paz
""")
# How the names of months begin.
MONTHS = phrases("""
jan | feb | mar | apr | may | jun | jul | aug | sep | oct | nov | dec | mär | mai | okt | dez | maj
ene | abr | ago | set | dic | janv | fév | fev | avr | juin | juil | août | déc | gen | mag | giu | lug
ott
out | mei | mrt | sty | lut | kwi | cze | lip | sie | wrz | paź | lis | gru
led | úno | bře | dub | kvě | čer | srp | zář | říj | pro | oca | şub | nis | haz | tem | ağu | eyl | eki
kas | ara
янв | фев | мар | апр | май | мая | июн | июл | авг | сен | окт | ноя | дек
січ | лют | бер | кві | тра | чер | лип | сер | вер | жов | лис | гру
""")

# What the rule says above a mail that is answered, between its dashes.
ORIGINAL = phrases("""
original message | original mail | original email | original e-mail | original appointment | reply message
ursprüngliche nachricht | ursprüngliche mail | ursprüngliche e-mail | original-nachricht | originalnachricht
original nachricht | ursprünglicher termin
message d'origine | message d’origine | message original | message initial | mail original
mensaje original | messaggio originale | messaggio originario | mensagem original
oorspronkelijk bericht | oorspronkelijke bericht | origineel bericht | oorspronkelijke mail
wiadomość oryginalna | oryginalna wiadomość | wiadomość pierwotna | treść oryginalnej wiadomości
originalmeddelande | original meddelande | ursprungligt meddelande | oprindelig meddelelse
original meddelelse
original melding | originalmelding | opprinnelig melding | original besked
původní zpráva | původní e-mail | původní mail | pôvodná správa | alkuperäinen viesti | eredeti üzenet
исходное сообщение | оригинальное сообщение | первоначальное сообщение | исходное письмо
вихідне повідомлення | оригінальне повідомлення | первинне повідомлення
orijinal mesaj | orijinal ileti | özgün ileti | özgün mesaj | asıl ileti
元のメッセージ | 元のメール | オリジナルメッセージ | 原始邮件 | 原始郵件 | 原邮件 | 邮件原件 | 原始信件
원본 메시지 | 원본메시지 | 원본 메일 | 원본메일
""")

# What it says above a mail that is passed on.
FORWARDED = phrases("""
forwarded message | begin forwarded message | forwarded mail | forwarded by | weitergeleitete nachricht
anfang der weitergeleiteten nachricht | weitergeleitete mail | message transféré
début du message transféré
mensaje reenviado | inicio del mensaje reenviado | messaggio inoltrato | inizio messaggio inoltrato
mensagem encaminhada | início da mensagem encaminhada | doorgestuurd bericht | begin doorgestuurd bericht
wiadomość przekazana dalej | przekazana wiadomość | vidarebefordrat meddelande | vidarebefordrat brev
videresendt meddelelse | videresendt besked | videresendt melding | přeposlaná zpráva
пересылаемое сообщение | перенаправленное сообщение | переслане повідомлення | iletilmiş mesaj
yönlendirilmiş ileti | 転送されたメッセージ | 転送メッセージ | 전달된 메시지 | 转发的邮件 | 轉寄郵件
转发邮件
""")

# The labels of the header lines over it, by what they name.
FROM = phrases("""
from | von | de | da | od | van | från | fra | от | від | kimden | gönderen | lähettäjä | feladó
expéditeur | remitente | mittente | absender | afzender | nadawca | avsändare | отправитель | відправник
差出人 | 送信者 | 发件人 | 寄件者 | 寄件人 | 发件者 | 보낸 사람 | 보낸사람
""")
SENT = phrases("""
sent | gesendet | gesendet am | envoyé | envoyé le | envoyée | enviado | enviado el | enviado em
enviada em
enviada | inviato | verzonden | wysłano | wysłane | skickat | skickades | sendt | odesláno | отправлено
надіслано
gönderildi | gönderilme tarihi | gönderme tarihi | gönderim | lähetetty | elküldve | message du | message du
送信日時 | 发送时间 | 发送日期 | 寄件日期 | 傳送時間 | 보낸 날짜 | 보낸날짜 | 보낸 시간
""")
DATE = phrases("""
date | datum | fecha | data | dato | дата | tarih | päivämäärä | dátum | 日付 | 日時 | 日期 | 時間 | 时间
날짜
""")
TO = phrases("""
to | an | à | a | para | per | aan | do | till | til | komu | кому | kime | alıcı | pour | destinataire
destinatario
empfänger | vastaanottaja | címzett | получатель | 宛先 | 收件人 | 收件者 | 받는 사람 | 받는사람
""")
SUBJECT = phrases("""
subject | betreff | objet | sujet | asunto | oggetto | assunto | onderwerp | temat | ämne | emne | předmět
predmet
тема | konu | aihe | tárgy | 件名 | 主题 | 主題 | 제목
""")
OTHER = phrases("""
cc | kopie | kopia | copie | copie à | cópia | copia | kopi | копия | копія | bilgi | 抄送 | 副本 | 참조
reply-to | reply to | antwort an | répondre à | importance | priority | attachments | organization | bcc
""")

# What a mail program puts under every mail: how that line begins, and how it ends where its verb comes last.
# Each names a device or a program: "sent with the parcel" is a person's.
SENT_FROM = phrases("""
sent from my | sent from mail for | sent from outlook | sent from yahoo | sent from gmail | sent from proton
sent from samsung | sent from iphone | sent from ipad | sent from android | sent from windows
sent from nine
sent from spark | sent from blackberry | sent from mailspring | sent from superhuman | sent from front
sent from acompli | sent from mobile | sent from bluemail | sent from aol | sent from the all new
sent from a mobile | sent via blackberry | sent via my | sent via the samsung | sent with proton
sent with airmail
sent on the go | sent from myphone | get outlook for | get bluemail for
gesendet von meinem | gesendet von meiner | gesendet von outlook | gesendet von mail | gesendet mit der
gesendet mit outlook | gesendet von yahoo | gesendet von unterwegs | gesendet von iphone
von meinem iphone gesendet
von meinem ipad gesendet | von meinem samsung | von meinem mobiltelefon gesendet
diese nachricht wurde von meinem
holen sie sich outlook
envoyé de mon | envoyé depuis mon | envoyé depuis l'application | envoyé à partir de mon
envoyé à partir de outlook
envoyé de outlook | envoyé depuis outlook | envoyé depuis yahoo | obtenez outlook | télécharger outlook
téléchargez outlook
enviado desde mi | enviado desde outlook | enviado desde yahoo | enviado do meu | enviado de mi
enviado do iphone
enviado do outlook | enviado do yahoo | enviado a partir do | enviado via iphone | obtener outlook
obter o outlook
obtenha o outlook | descargar outlook
inviato da iphone | inviato dal mio | inviato da outlook | inviato da posta | inviato da yahoo
inviato da smartphone
inviato da samsung | inviato da libero | ottieni outlook | scarica outlook
verzonden vanaf mijn | verzonden met outlook | verzonden vanaf samsung | verstuurd vanaf mijn
verzonden via mijn
download outlook | outlook voor
wysłane z mojego | wysłano z mojego | wysłane z iphone | wysłane z outlook | wysłane z aplikacji
pobierz outlook
pobierz aplikację outlook
skickat från min | skickat från outlook | skickat från mail | skickat från e-post | hämta outlook
skaffa outlook
sendt fra min | sendt fra mit | sendt fra outlook | sendt fra mail | hent outlook | få outlook
odesláno z iphone | odesláno z iphonu | odesláno z mého | odesláno z outlook | odesláno ze zařízení
odoslané z iphon
získat outlook | získejte outlook
отправлено с iphone | отправлено с ipad | отправлено с моего | отправлено из outlook | отправлено из mail
отправлено из мобильной | отправлено из яндекс | скачать outlook | надіслано з iphone | надіслано з мого
надіслано із мобільної | завантажити outlook
outlook'u edinin | iphone'umdan gönderildi | lähetetty iphonesta | iphoneから送信 | ipadから送信
outlook for
发自我的 | 發自我的 | 나의 iphone에서 보냄 | 내 iphone에서 보냄
""")
SENT_FROM_ENDS = phrases("""
iphone'dan gönderildi | ipad'den gönderildi | iphone'dan gönderildi. | ipad'den gönderildi.
から送信
""")
