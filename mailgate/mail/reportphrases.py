"""Knows what mail systems say about mail that they did not deliver, in many languages; all in lower case."""

# ruff: noqa: RUF001 - letters that look alike are the letters of their languages

from mailgate.core.phrases import phrases

# What the subject of a delivery report says, wherever in it.
UNDELIVERED = phrases("""
undeliverable | undelivered | not delivered | non-delivery | non delivery | nondelivery | delivery failed
delivery failure | delivery has failed | delivery problem | delivery error | delivery status
delivery notification | delivery unsuccessful | delivery report | delivery incomplete | delivery fail
returned mail | returned to sender | return to sender | returning message to sender | returning to sender
failure notice | failed mail | mail failed | mail error | mail system error | message could not be delivered
message not deliverable | could not be delivered | could not be sent | can't be delivered
cannot be delivered | could not send | error sending your mail | mail delivery status | [bounce]
delayed mail | mail delayed | delivery delayed | delivery is delayed | warning: message
ndn: | message status | nondeliverable | unable to deliver | failed to deliver | undeliverable mail
failure delivery | message rejected | wasn't delivered | was not delivered | email delivery failure
permanent delivery | message delivery has failed | email not delivered | bounced mail | blocked by our
unzustellbar | nicht zugestellt | nicht zustellbar | zustellung fehlgeschlagen | fehlgeschlagene zustellung
konnte nicht zugestellt | konnten nicht zugestellt | zustellungsfehler | unzustellbare
non remis | non distribué | non délivré | remise impossible | échec de la remise | échec de remise
échec de distribution | message non distribuable | avis de non remise
no se puede entregar | no se pudo entregar | error de entrega | no entregado | correo devuelto
imposible entregar
não entregue | falha na entrega | não foi possível entregar | não pode ser entregue
mancata consegna | impossibile recapitare | non recapitabile | recapito non riuscito | mancato recapito
onbestelbaar | niet bezorgd | kon niet worden bezorgd
nie dostarczono | niedostarcze | niedostarczon | nie można dostarczyć | niedostarczaln
nie została dostarczona
kan inte levereras | kunde inte levereras | olevererat | gick inte att leverera | ej levererat
kan ikke leveres | kunne ikke leveres | ikke leveret | ikke levert | lar seg ikke levere
toimitus epäonnistui | ei voitu toimittaa | ei voi toimittaa | kézbesíthetetlen | kézbesítés sikertelen
nelze doručit | nedoručiteln | nedoručen | nemožno doručiť | nedoručiteľn | teslim edilemedi
teslim edilemiyor
nu poate fi livrat | nelivrabil | δεν είναι δυνατή η παράδοση | μη παραδόσιμο
не доставлено | недоставлен | не может быть доставлен | ошибка доставки | не удалось доставить
сбой доставки
не вдалося доставити | неможливо доставити | недоставлене
配信できません | 配信不能 | 送信できません | 配達できません | 未配達 | 配信に失敗 | 配信エラー
送信エラー | エラーメール
退信 | 无法投递 | 無法傳遞 | 无法传递 | 未送达 | 未傳遞 | 投递失败 | 传递失败 | 傳遞失敗 | 无法送达
無法送達 | 发送失败
반송 | 전송 실패 | 배달할 수 없음 | 배달되지 않음 | 배달 실패 | 발송 실패
לא ניתן למסירה | تعذر تسليم | غير قابل للتسليم
""")

# What the text of a delivery report says.
FAILED = phrases("""
could not be delivered | could not be sent | not be delivered | was not delivered | were not delivered
has not been delivered | have not been delivered | not delivered to | not able to deliver
unable to deliver | trouble delivering | attempting to deliver | trying to deliver | cannot be delivered
able to deliver your message | wasn't able to deliver | did not reach | did not receive | undeliverable
undelivered | failed permanently | permanent error | fatal delivery error | fatal error | delivery failed
delivery has failed | delivery to the following | delivery problems | delivery errors | has been returned
failure reason | delivery was refused | message has been rejected | wasn't delivered | couldn't be delivered
transcript of session | failed addresses | unknown user | user unknown | no such user | non-delivery report
delivery attempts | delivery report | not yet been delivered | could not send message | was rejected
error delivering your mail | message relayed | rejected recipient | over quota | rcpt to:
nicht zugestellt | konnten nicht erreicht | bei der nachrichtenzustellung | nicht zustellbar
n'a pas pu être | échec de la remise | n'a pas été remis
no se pudo entregar | no ha podido ser | no se entregó
impossibile recapitare | non è stato recapitato | non è stato possibile recapitare
não pôde ser entregue | falha na entrega | não foi entregue
kon niet worden bezorgd | bezorging aan | nie może zostać dostarczon | nie mogła być dostarczona
nie powiodło
leverans har misslyckats | kunde inte levereras | er mislykket | kunne ikke leveres | kunne ikke levere
se nezdařilo | nelze doručit | teslim edilemedi
не может быть доставлен | сбой доставки | не доставлено | не удалось доставить | не вдалося
送信できません | 配信できません | 配信に失敗 | 送信に失敗 | 配信できませんでした
无法投递 | 退信 | 未能传递 | 无法传递 | 無法傳遞 | 无法送达 | 배달하지 못했습니다 | 전송되지 않았습니다
""")

# What it says of a mail that is late and still on its way; nothing else can be meant by it.
STILL_TRIED = phrases("""
not yet been delivered | will keep trying | will continue trying | will continue to try | will be retried
no action is required | do not need to resend | not need to resend | warning message only | warning only
still being retried | could not send message for past | delivery attempts will continue | will retry
still undelivered after | continue to be attempted | delivery incomplete | still trying to deliver
wird weiterhin versucht | weitere zustellversuche | aún no se ha entregado | en attente de livraison
""")

# The same, where nothing says that it has come to an end.
LATE = phrases("""
delayed mail | delivery delayed | delivery is delayed | has been delayed | is being delayed
temporarily delayed
delivery temporarily | temporary problem | (delay) | verzögert | retardé | retrasad | in ritardo | atrasad
""")
ENDED = phrases("""
permanent | given up | giving up | gave up | fatal | returned to sender | returned mail | (failure)
could not be delivered to one or more | could not\nbe delivered to one or more | undeliverable
unzustellbar
""")

# What it says of a mail that went on: no failure at all.
PASSED_ON = phrases("""
message relayed | successfully relayed | relayed to | successfully delivered | was successfully
has been delivered to | is complete, but no delivery notification
""")

# With which words the people are announced whom it did not reach.
ANNOUNCED = phrases("""
following | failed address | failed recipient | not delivered to | did not reach | did not receive
failure reason
recipient: | recipients: | recipient(s): | address: | addresses: | yet been delivered is | these recipients
to the recipient | affected recipients | transcript of session | permanent fatal errors | delivery problems
erreur | destinataire | empfänger | empfaenger | destinatario | destinatari | destinatário | geadresseerde
adresat | mottagare | modtager | mottakere | příjemc | prijemc | alıcı | получател | одержувач
メールアドレス | 受信者 | 收件人 | 받는 사람
""")
