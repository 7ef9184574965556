"""Knows what mail programs write around a person's words, in many languages."""

# ruff: noqa: RUF001 - letters that look alike are the letters of their languages

from mailgate.core.phrases import phrases

# Who wrote: what the line says that introduces a quotation.
WROTE = phrases("""
wrote | writes | has written | sent | wrote on
schrieb | schreibt | hat geschrieben | geschrieben | folgendes geschrieben | zitat von
a écrit | a ecrit | écrit | écrivait
escribió | escribio | escribe | ha escrito | citando a
ha scritto | scrive | scritto | citando
escreveu | schreef | geschreven | het volgende geschreven | citeren
napisał(a) | napisał | napisała | napisal | napisal(a) | pisze | wiadomość napisana przez | cytowanie
skrev | skriver | citerar | citat fra | siterer | kirjoitti | írta | a scris | đã viết
napsal(a) | napsal/a | napsal | napsala | píše | cituji
пишет | написал | написала | написал(а) | писал | писала | писал(а) | вы писали | цитирую
написав | написав(ла) | написав(-ла) | написала(в) | писав | пише
yazdı | yazdi | yazmış | şunları yazdı | şunu yazdı
quoting | έγραψε
""")
# The same in scripts that put no blanks between words.
WROTE_JOINED = phrases("""
のメール | さんは書きました | さんは書き込みました | 書きました | 書き込みました | 書いた
写道 | 写到 | 写入 | 写了 | 的来信 | 的邮件 | 寫道 | 提到
님이 작성함 | 님이 작성 | 님의 말 | 작성 | 썼습니다 | 이(가) 쓴 글 | 님이 쓴 글 | 님이 쓴 | 쓴 글 | 보냄
썼다
""")

# The words with which such a line begins, before its date.
ON = phrases("""
on | at | am | um | le | el | en | il | il giorno | em | no dia | às | op | in | w dniu | dnia | den
dne | d.
på | ti | to | från | fra
в | во | на | від | от | у | from | von | de | da | od | van
mo | di | mi | do | fr | sa | so | ma | wo | za | zo | wt | pt | út | ut | st | čt | pá | ne | po
ke | pe
la | su | vào | vr | στις
пн | вт | ср | чт | пт | сб | вс | нд | śr
""")
# Words that stand between its date, its name and its verb.
SMALL_WORDS = phrases("""
at | by | via | pm | am | a.m. | p.m. | gmt | utc | st | nd | rd | th
um | uhr | hat | dem | vorm | nachm | folgendes | à | h | du | les | a las | a la(s) | del | alle
ore | alle ore
às | à(s) | om | heeft | het | volgende | o | godz. | użytkownik | kl | klockan | på | følgende
följande
v | odesílatel | hod | г. | в | р. | о | от | від | пользователь | користувач | письме
tarihinde | saatinde | şunu | şunları
に | 午前 | 午後 | 上午 | 下午 | 星期 | 周 | 週 | 曜日
""")
# How the names of weekdays begin.
WEEKDAYS = phrases("""
mon | tue | wed | thu | fri | sat | sun | mont | diens | mittw | donn | frei | sams | sonn
lun | mar | mer | jeu | ven | sam | dim | mié | jue | vie | sáb | sab | dom | gio | qua | qui | sex
seg
ter
maan | dins | woen | dond | vrij | zat | zon | pon | wto | śro | czw | pią | sob | nied | niedz
mån | tis | ons | tor | fre | lör | sön | man | tir | ons | lør | søn | úte | stř | čtv | pát | ned
пон | вто | сре | чет | пят | суб | вос | нед | сер | п'ят | pzt | sal | çar | per | cum | cmt | paz
""")
# How the names of months begin.
MONTHS = phrases("""
нояб | сент | mars | juni | juli | mayo | maio | maja | luty | июня | июля | июнь | июль
jan | feb | mar | apr | may | jun | jul | aug | sep | oct | nov | dec | mär | mai | okt | dez | maj
ene | abr | ago | set | dic | janv | fév | fev | avr | juin | juil | août | déc | gen | mag | giu | lug
ott
out | mei | mrt | sty | lut | kwi | cze | lip | sie | wrz | paź | lis | gru
led | úno | bře | dub | kvě | čer | srp | zář | říj | pro | oca | şub | nis | haz | tem | ağu | eyl
eki
kas | ara
янв | фев | мар | апр | май | мая | июн | июл | авг | сен | окт | ноя | дек
січ | лют | бер | кві | тра | чер | лип | сер | вер | жов | лис | гру
""")

# What the rule says above a mail that is answered, between its dashes.
ORIGINAL = phrases("""
original message | original mail | original email | original e-mail | original appointment
reply message
ursprüngliche nachricht | ursprüngliche mail | ursprüngliche e-mail | original-nachricht
originalnachricht
original nachricht | ursprünglicher termin
message d'origine | message original | message initial | mail original | rendez-vous d'origine
mensaje original | cita original | messaggio originale | messaggio originario | appuntamento originale
mensagem original | compromisso original
oorspronkelijk bericht | oorspronkelijke bericht | origineel bericht | oorspronkelijke mail
oorspronkelijke afspraak
wiadomość oryginalna | oryginalna wiadomość | wiadomość pierwotna | treść oryginalnej wiadomości
originalmeddelande | original meddelande | ursprungligt meddelande | ursprungligt mejl
oprindelig meddelelse | original meddelelse | oprindelig besked | original besked | oprindelig mail
original melding | originalmelding | opprinnelig melding | opprinnelig e-post
původní zpráva | původní e-mail | původní mail | pôvodná správa | alkuperäinen viesti | eredeti üzenet
mesaj original | исходное сообщение | оригинальное сообщение | первоначальное сообщение
исходное письмо
вихідне повідомлення | оригінальне повідомлення | первинне повідомлення | початкове повідомлення
orijinal mesaj | orjinal mesaj | orijinal ileti | özgün ileti | özgün mesaj | asıl ileti
元のメッセージ | 元のメール | オリジナルメッセージ | オリジナル メッセージ
原始邮件 | 原邮件 | 邮件原件 | 原始信件 | 原始信息 | 回复的原邮件 | 原始郵件 | 郵件原件 | 原始訊息
원본 메시지 | 원본메시지 | 원본 메일 | 원본메일 | 원본 이메일 | 받은 메일 내용
""")
# What a desk's rule asks for: to write above it.
ABOVE = phrases("""
reply above this line | your reply above | type your reply above | all text above this line
above this line to reply | write above this line | antwort oberhalb | oberhalb dieser zeile
au-dessus de cette ligne | por encima de esta línea | acima desta linha | sopra questa riga
boven deze regel | powyżej tej linii | powyżej tego wiersza | ovanför den här raden | over denne linje
nad tento řádek | над этой строкой | над цим рядком
""")

# What it says above a mail that is passed on; a line may say more behind it.
FORWARDED = phrases("""
forwarded message | begin forwarded message | forwarded mail | forwarded by | weitergeleitete nachricht
anfang der weitergeleiteten nachricht | weitergeleitete mail | weitergeleitet von
message transféré | début du message transféré | début du message réexpédié | mail transféré
message transmis
mensaje reenviado | inicio del mensaje reenviado | messaggio inoltrato | inizio messaggio inoltrato
mensagem encaminhada | início da mensagem encaminhada | mensagem reencaminhada
início da mensagem reencaminhada
doorgestuurd bericht | begin doorgestuurd bericht
wiadomość przekazana dalej | przekazana wiadomość | treść przekazanej wiadomości
początek przekazywanej wiadomości | początek przekazanej wiadomości
vidarebefordrat meddelande | vidarebefordrat brev | vidarebefordrat mejl
videresendt meddelelse | videresendt besked | start på videresendt besked | videresendt melding
start på videresendt melding
přeposlaná zpráva | začátek přeposlané zprávy | začátek přeposílané zprávy
пересылаемое сообщение | перенаправленное сообщение | начало переадресованного сообщения
конец пересылаемого сообщения | начало пересылаемого сообщения
переслане повідомлення | перенаправлене повідомлення | початок листа, що пересилається
iletilmiş mesaj | yönlendirilmiş ileti | iletilen ileti başlangıcı | iletilen mesaj
転送されたメッセージ | 転送メッセージ | 전달된 메시지 | 전달된 메시지 시작 | 전달된 메일
转发的邮件 | 转发邮件 | 转发的消息 | 转发邮件信息 | 开始转发的邮件 | 下面是被转发的邮件
轉寄郵件 | 轉寄的郵件 | 開始轉寄郵件 | 以下是轉寄的郵件
""")

# The labels of the header lines over it, by what they name.
FROM = phrases("""
from | von | de | da | od | van | från | fra | от | від | kimden | gönderen | lähettäjä | feladó
expéditeur | remitente | mittente | absender | afzender | nadawca | avsändare | отправитель | відправник
差出人 | 送信者 | 发件人 | 発信者 | 발신 | 보낸이 | от кого | від кого | 寄件者 | 寄件人
发件者 | 보낸 사람 | 보낸사람
""")
SENT = phrases("""
sent | gesendet | gesendet am | envoyé | envoyé le | envoyée | enviado | enviado el | enviado em
enviada em | enviada | enviados | enviadas | inviato | verzonden | wysłano | wysłane | skickat
skickades | sendt | odesláno | отправлено | надіслано
gönderildi | gönderilme tarihi | gönderme tarihi | gönderim | lähetetty | elküldve | message du
送信日時 | 发送时间 | 发送日期 | 寄件日期 | 傳送日期 | 傳送時間 | 보낸 날짜 | 보낸날짜 | 보낸 시간
""")
DATE = phrases("""
date | datum | fecha | data | dato | дата | tarih | päivämäärä | dátum | 日付 | 日時 | 日期 | 時間 | 时间
날짜
""")
TO = phrases("""
to | an | à | a | para | per | aan | do | till | til | komu | кому | kime | alıcı | pour | destinataire
destinatario | empfänger | vastaanottaja | címzett | получатель | 宛先 | 收件人 | 收件者
받는 사람 | 받는사람 | 받은 사람 | 수신 | adresat
""")
SUBJECT = phrases("""
subject | betreff | ogg | objet | sujet | asunto | oggetto | assunto | onderwerp | temat | ämne
emne | předmět | predmet
тема | konu | aihe | tárgy | 件名 | 主题 | 主　题 | 主旨 | 主題 | 제목
""")
OTHER = phrases("""
cc | kopie | kopia | copie | copie à | cópia | copia | kopi | копия | копія | bilgi | 抄送 | 抄送至 | 副本
dw | 참조
reply-to | reply to | antwort an | répondre à | importance | priority | attachments | organization | bcc
""")
