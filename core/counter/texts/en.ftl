# Staff screens are plain, patients' screens are polite. Buttons are verbs.

language-name = English
sandbox = Sandbox: this is not real insurance information
code = Code { $code }
code-unknown = Code { $code } (not known to this version)
not-registered = Not registered
missing-check = Not registered – please check

# Titles
title-set-up = Register this device
title-passcode = Choose a passcode
title-password = Choose a password
title-log-in = Log in
title-choose = Reception
title-visual = A Visual check
title-pin-pad = Please enter your PIN
title-hold = Read the card
title-waiting = Please wait
title-result = Insurance check result
title-failure = Not confirmed
title-last-try = One try is left for the PIN
title-problem = This did not work
title-settings = Settings
title-reader-key = Reader's key
title-exposed = Before the PIN is used
title-about = About this app
title-forget = End this device's registration

# Buttons
button-enrol = Register
button-set = Save
button-log-in = Log in
button-back = Back
button-cancel = Cancel
button-done = Close
button-erase = Delete digit
button-go-on = Go on
button-has-photo = There is a photo: go on
button-go-on-exposed = The patient agrees: go on
button-hold-again = Hold the card again
button-lock = Lock
button-next = Next patient
button-export-copy = Copy the result
button-export-file = Share the result as a file
button-enter-again = Enter it again
button-retry = Try again
button-send-again = Check again
button-connect-again = Connect again
button-enrol-again = Register again
button-settings = Settings
button-reader-key = Reader's key
button-reader-key-remove = Remove the key
button-type-again = Type it again
button-use-pin = Switch to B PIN
button-use-visual = Switch to A visual check
button-enrol-anew = Register this device anew
button-forget-device = End this device's registration
button-forget-now = End the registration
button-about = About this app
button-biometrics = Log in by fingerprint or face
button-offer-accept = Use it
button-offer-decline = Do not use it
button-passcode-forgotten = Forgot the passcode?
button-password-forgotten = Forgot the password?

# Registering
set-up-typed = Enter the account ID and the activation code issued at the portal.
set-up-link = Open the registration link that your administrator gave you.
set-up-link-hint = With the registration link (QR code) there is nothing to type.
set-up-replacing = If this device takes the place of another one, ask your administrator for a link or code for replacing it. Once this device is registered, the other one cannot be used any more. Passcode and settings are not carried over.
set-up-footnote = A key is made for this device alone. It never leaves the device.
label-account = Account ID
label-code = Activation code (12 digits)
label-institution = Institution
label-service = Service
label-replaces = Takes the place of
replaces-device = { $account } (cannot be used any more once this device is registered)
label-help-desk = Help desk
label-language = Language
label-usual-method = Usual method
link-question = Register this device for this institution?
link-footnote = If you do not know the institution or the service, do not register; tell your administrator.

# Passcode
choose-passcode = Choose the passcode with which you will log in.
choose-password = Choose the password with which you will log in.
choose-passcode-again = Enter the same passcode again, to be sure.
choose-password-again = Enter the same password again, to be sure.
rule-passcode = Six digits or more. No repeated digits, no sequences, no dates.
rule-password = Ten characters or more. No repetitions, no sequences, no common words.
wipe-warning = After { $tries } wrong attempts in a row this device's registration is erased. A new activation code is then needed.
weak-too-short = Too short.
weak-too-long = Too long.
weak-not-digits = Use digits only.
weak-too-simple = Too easy to guess. Please choose another one.
weak-date = A date is too easy to guess. Please choose another one.
weak-not-the-same = Not the same as the first time. Please choose again from the start.
log-in-passcode = Enter the passcode.
log-in-password = Enter the password.
log-in-wrong = Not correct.
log-in-left = Wrong attempts left before this device's registration is erased: { $tries }.
log-in-wait = Please wait { $seconds } s.
log-in-passcode-due = Enter the passcode. It is asked once in 7 days, also where a fingerprint or face is used.
log-in-biometrics-changed = Fingerprint or face cannot be used to log in any more. This happens when those registered on the device have changed. Log in with the passcode to use them again.
forget = End this device's registration?
forget-hint = The device key and all settings are erased. Until it is registered with a new activation code, this device cannot check anybody. Ask your administrator to end its registration at the service as well.

# Biometrics and cues
biometrics-prompt-title = Log in
biometrics-prompt-text = Confirm that it is you by fingerprint or face.
biometrics-prompt-cancel = Use the passcode
offer-biometrics = From now on you can log in by fingerprint or face as well. Use it?
label-biometrics = Log in by fingerprint or face
biometrics-hint = The passcode is asked once in 7 days.
biometrics-by-passcode = To use it, lock this app and log in with the passcode.
label-sounds = Sounds
label-vibration = Vibration

# Waiting
waiting-enrolling = Registering this device.
waiting-saving = Saving.
waiting-logging-in = Checking.
waiting-connecting = Connecting to the service.
waiting-checking = Checking the insurance. The card may be given back.
waiting-wiping = Erasing this device's registration.
waiting-loading = Loading.

# Choosing the method
choose-method = How will you confirm the next patient?
method-visual = A Visual check
method-visual-short = Visual check
method-visual-text = Compare the patient with the photo on the card, and enter the date of birth printed there.
method-attested-text = Compare the patient with the photo on the card; press when it is the same person.
method-pin = B 4-digit PIN
method-pin-short = PIN
method-pin-text = The patient enters the PIN.
usual-method = Usual method
no-usual-method = None
consent-limit = The patient agrees to share the payment limit (限度額).
choose-footnote = The card stays with the patient.
clock-wrong = This device's clock is off by about { $minutes } min. Please set date and time.

# Visual check
birth-text = Enter the date of birth printed on the card.
birth-hint = It shows that the card is genuine. Compare the patient with the photo as well.
birth-no-such-day = There is no such day in this era. Please enter it again.
birth-future = This day has not come yet. Please enter it again.
birth-last-try = Only one try is left. Look at the card and enter the date with care.
no-photo = Is it a card without a photo?
no-photo-hint = Cards of children under five may have no photo. Such a card cannot be confirmed visually.

# PIN (patient)
pin-text = Please make sure that nobody else can see it
pin-hint = The 4-digit PIN of your My Number Card (user authentication)
pin-last-try = You have one try left. Please make sure before you enter it.
last-try-by-staff = { $text } Our staff can also confirm you by sight.
pin-tries-left = Wrong tries left before the PIN of this card is blocked: { $tries }.
birth-tries-left = Wrong tries left before this card can no longer be confirmed visually: { $tries }.

# Card (patient)
hold-text = Please hold your card to the reader
hold-text-nfc = Please hold your card to the back of this device
hold-not-ready = Getting ready. One moment, please
hold-hint = It reads best without a cover, and away from metal
hold-still = Please do not move the card
stage-card = Reading the card
stage-person = Confirming that it is you
stage-proof = Confirming that the card is genuine

# Bluetooth readers
hold-reader = { $name } · battery { $percent }%
hold-reader-connecting = Connecting to the reader. One moment, please
hold-reader-asleep = The reader is asleep. Please press its button
hold-reader-card-lies = A card lies there already. Please take it away, then hold it again
hold-reader-battery = The reader's battery is nearly empty
reader-battery-low = The reader's battery is at { $percent }%. Please charge it.
exposed-visual-only = What is sent to this reader can be read by anyone near it, so the PIN cannot be used.
exposed-no-method = What is sent to this reader can be read by anyone near it, so the PIN cannot be used. Use another reader, or tell your administrator.
exposed = What is sent to this reader can be read by anyone near it.
exposed-hint = So can the PIN that the patient enters. Tell the patient, and go on only if they agree.
label-exposed-pin = With a reader whose connection can be read by others
exposed-pin-never = Visual check only
exposed-pin-warned = The PIN as well, if the patient agrees
label-reader = Reader
label-reader-name = Name
label-reader-kind = Model
label-reader-life = State
life-discovered = Not connected
life-connecting = Connecting
life-polling = Waiting for a card
life-card = A card is there
life-powered = A card is in use
life-asleep = Asleep (its button wakes it)
life-lost = Connection lost
label-reader-link = Connection
link-plain = Not encrypted (can be read by others)
link-factory-key = Encrypted with the factory's key, which is public (can be read by others)
link-customer-key = Encrypted with this institution's key
label-reader-key = Key
reader-key-kept = Set on this device
reader-key-none = None (the factory's key is used)
reader-key-text = Enter the key that was set in this reader with its maker's tool.
reader-key-rule = 32 characters, 0 to 9 and A to F. Spaces are allowed.
reader-key-characters = There is a character other than 0 to 9 and A to F.
reader-key-length = A key has 32 characters. There were more or fewer.
reader-key-public = This is the factory's key, which is public. Enter the key that was set in its place.
reader-key-footnote = The key is kept on this device only, and is not shown again. The reader itself is not changed.
label-reader-battery = Battery
battery = { $percent }%
battery-low = { $percent }% (please charge it)
battery-unclear = Not known
label-reader-firmware = Firmware
label-reader-serial = Serial number
label-reader-sleep = Sleep
sleep-after = After { $seconds } s without use
sleep-never = Never

# About
about-name = Madoguchi (窓口)
about-text = Checks a patient's health insurance with the patient's My Number Card, at the counter of a clinic, a pharmacy or a 施術所.
about-not-the-real-one = This is not the government's app, and it reaches none of its services. How it speaks with a service is our own, built from public standards.
about-no-my-number = The individual number (マイナンバー) is never read from the card. Nothing about a patient is kept on this device.
about-insurance-numbers = Asking for insurance numbers is restricted by law to health insurance business and the like.
about-licence = Licence: MIT or Apache-2.0
label-version = Version
label-licences = Licences of the software used

# Steps
step-choose = Choose the method
step-confirm = Confirm the person
step-birth-date = Date of birth
step-pin = PIN
step-hold = Hold the card
step-result = Result

# Result
result-confirmed = { $date } { $time } · { $method }
result-clears = Cleared in { $seconds } s
record-heading = Insurance { $number } ({ $kind })
kind-insurance = medical insurance
kind-assistance = medical assistance
born-with-age = Born { $date }, age { $age } · { $sex }
born = Born { $date } · { $sex }
name-unmappable = ● stands for a character that cannot be shown. Please check the kana.
section-top = Patient
section-qualification = Insurance
section-other-names = Other name (note)
section-elderly = Elderly recipient certificate
section-limit = Payment limit
section-disease = Specific disease certificate
section-ticket = Medical ticket
label-confirmed-on = Confirmed on
share-from-record = from the record
share-from-elderly = from the elderly recipient certificate
share-from-preschool = from preschool age
share-from-age = from the age
yen-a-month = { $yen } yen a month
certificate-expires = The card's digital certificate ends on { $date }. Please tell the patient to renew it.
danger-attested-visual = Confirmed by sight on this device's word alone (the card proved nothing)
certificate-expired = The card's digital certificate ended on { $date }. It can be used for this check for three months after that. Please tell the patient to renew it.
advice-invalid = This insurance cannot be used. Confirm the current one in one of these ways.
advice-invalid-since = This insurance ended on { $date }. Confirm the current one in one of these ways.
advice-newer = This insurance cannot be used. There is a newer one: please confirm the new insurer.
advice-newer-since = This insurance ended on { $date }. There is a newer one: please confirm the new insurer.
advice-not-found = No insurance was found. It may not be registered yet. Confirm it in one of these ways, or ask the insurer.
advice-several = More than one insurance was found. Ask the patient which one is to be used.
advice-unregistered = Medical assistance is valid, but no ticket for this institution is registered. Ask the welfare office.

# The official other ways
fallbacks = If it cannot be checked now, confirm in one of these ways.
fallback-portal = The insurance page of Mynaportal (マイナポータル)
fallback-notice = 資格情報のお知らせ (notice of insurance) with the card
fallback-certificate = 資格確認書 (certificate of insurance)
fallback-declaration = 被保険者資格申立書 (the patient's declaration)

# What follows the text of a failure
switch-to-visual = { $text } You can also switch to the visual check.
switch-to-pin = { $text } You can also switch to the PIN.
send-again = { $text } The card is not needed again.
enrol-again = { $text } The activation code may already count as used. If it is not accepted the next time (code 701), ask the administrator for a new one.
wait-seconds = Please wait about { $seconds } seconds.
wait-minutes = Please wait about { $minutes } min.

# To the receipt computer
label-export = How a result gets to the receipt computer
export-none = Not at all
export-copy = By copying
export-copy-and-file = By copying, or as a file
export-hint = A copy is gone after a minute. A file stays where it was sent, so decide first where it is kept and who deletes it.
export-copied = Copied. It is cleared after a minute.
export-filed = The file was handed over. Delete it when it is not needed any more.

# 1xx reader
failure-101 = The card moved away
failure-101-remedy = Please hold the card again and do not move it until the end.
failure-102 = The card reader stopped
failure-102-remedy = Check the reader's connection and power, then hold the card again.
failure-103 = The part of this PC that runs card readers has not started
failure-103-remedy = Leave the reader connected, restart the PC, and try again. If it goes on, contact the help desk.
failure-104 = No card reader is connected
failure-104-remedy = Plug the reader in or switch it on, then hold the card again.
failure-105 = Another program is using the card reader
failure-105-remedy = Close the other windows that use a card, such as e-prescriptions or Mynaportal, then hold the card again.
failure-106 = The card reader was disconnected
failure-106-remedy = Connect the reader again, then hold the card again.
failure-107 = The card is not recognised
failure-107-remedy = Make sure that it is a My Number Card, the right way round and clean, then hold it again.
failure-108 = Reading the card takes too long
failure-108-remedy = Hold the card again and do not move it until the end. If it goes on, connect the reader anew.

failure-109 = The key of the card reader is not the one on this device
failure-109-remedy = Make sure that it is the usual reader. If it is, ask the administrator to enter its key in the settings, under “Reader's key”.
failure-110 = The card reader went to sleep
failure-110-remedy = Press the button on the reader, then hold the card again.
failure-111 = The wireless connection to the card reader was lost
failure-111-remedy = Check the reader's power and battery, and put it near this device. It connects by itself; then hold the card again.
failure-112 = The reader was changed for one whose connection can be read by others, so the PIN was not sent
failure-112-remedy = To use the PIN, go back to the reader from before and try again.
failure-113 = NFC is switched off on this device
failure-113-remedy = Switch NFC on in the device's settings, then hold the card again.
failure-114 = Bluetooth is switched off on this device
failure-114-remedy = Switch Bluetooth on in the device's settings. The reader connects by itself; then hold the card again.
failure-115 = This app may not use Bluetooth
failure-115-remedy = Allow “Nearby devices” (on older devices “Location”) for this app in the device's settings, then hold the card again.

# 2xx card
failure-201 = This is not a My Number Card
failure-201-remedy = Make sure that no other card is behind it, and hold the My Number Card alone.
failure-202 = This is a My Number Card on a smartphone
failure-202-remedy = The visual check needs the card itself. Ask the patient to hold the card.
failure-203 = This is a smartphone, or another card that asks for the PIN first
failure-203-remedy = It cannot be checked here. Ask the patient to hold the My Number Card itself.
failure-204 = The card's answer could not be read
failure-204-remedy = Try again. If it goes on, the chip may be broken: the municipality can help.
failure-205 = This is a different card
failure-205-remedy = What was entered has been erased. Enter it again, and hold the card from before.
failure-206 = The era of the date of birth does not match the card
failure-206-remedy = Check the era on the card and enter the date again.
failure-207 = The card's signature could not be verified
failure-207-remedy = Try again. If it goes on, tell the help desk.
failure-208 = The record in the card's chip could not be verified
failure-208-remedy = It is not certain that the issuer wrote it. Tell the help desk.
failure-209 = The date of birth on the card does not match the insurance record
failure-209-remedy = Make sure that it is the patient's own card.
failure-210 = The chip of this card is not the same as last time
failure-210-remedy = The card may have been issued anew. Tell the help desk.
failure-211 = This card holds no certificate for user authentication
failure-211-remedy = The card is not broken. The municipality issues the certificate. For today, confirm in another way.

# 3xx PIN and date of birth
failure-301 = The PIN is wrong
failure-301-remedy = Ask the patient to enter it again.
failure-302 = One more mistake will block the PIN
failure-302-remedy = Please go on only if you are sure.
failure-303 = The PIN is blocked
failure-303-remedy = The municipality can set a new PIN.
failure-304 = The PIN of this card cannot be used
failure-304-remedy = It may be a card without a PIN, such as a face authentication card.
failure-305 = The card moved away repeatedly, so what was entered has been erased
failure-305-remedy = This keeps the number of wrong tries low. Please enter it again.
failure-306 = Too much time went by, so what was entered has been erased
failure-306-remedy = Please enter it again.
failure-311 = The date of birth does not match the card
failure-311-remedy = Look at the date and the era on the card and enter them again.
failure-312 = One try is left for the date of birth
failure-312-remedy = After another mistake this card can no longer be confirmed visually. If you go on, enter the date with care.
failure-313 = This card can no longer be confirmed visually
failure-313-remedy = A wrong date of birth was tried too often.

# 4xx certificate
failure-401 = The card's digital certificate has been revoked
failure-401-remedy = The municipality issues a new one.
failure-402 = The card's digital certificate is out of date
failure-402-remedy = The municipality renews it.
failure-403 = The card's digital certificate is not valid yet
failure-403-remedy = The municipality can help.
failure-404 = This is not the certificate for user authentication
failure-404-remedy = The municipality can help.
failure-405 = The issuer of the certificate cannot be verified
failure-405-remedy = This card cannot be used. Tell the help desk.
failure-406 = The certificate is not of the right form
failure-406-remedy = Try again. If it goes on, tell the help desk.
failure-407 = Could not check whether the certificate has been revoked
failure-407-remedy = Wait a moment and try again.
failure-408 = The card has to be read once more
failure-408-remedy = Hold the card again and do not move it until the end.

# 5xx network
failure-501 = The service cannot be reached
failure-501-remedy = Check the Internet connection and try again.
failure-502 = The service does not answer
failure-502-remedy = Wait a moment and try again.
failure-503 = The server is not the service of this device
failure-503-remedy = Check this device's date and time, and the network it uses. If it goes on, tell the help desk.
failure-504 = The service's answer could not be read
failure-504-remedy = Try again. If it goes on, update the app.

# 6xx service
failure-601 = Too many checks in a short time
failure-601-remedy = Wait a moment and try again.
failure-602 = The service is closed or overloaded
failure-602-remedy = Wait a moment and try again.
failure-603 = The service has a fault
failure-603-remedy = Wait a moment and try again.
failure-604 = Too much time went by: the check starts over
failure-604-remedy = Please enter again and hold the card once more.
failure-605 = This reading has already been used
failure-605-remedy = Please enter again and hold the card once more.
failure-606 = The reading was not accepted as one of this device
failure-606-remedy = Please enter again and hold the card once more. If it goes on, tell the help desk.
failure-607 = There is another check with the same request number
failure-607-remedy = Please enter again and hold the card once more.
failure-608 = The service is still checking
failure-608-remedy = Wait a moment and try again.
failure-609 = The service does not accept requests from this app
failure-609-remedy = Update the app.
failure-610 = The card holds more than can be sent
failure-610-remedy = This card cannot be used. Tell the help desk.
failure-611 = This device may not use this method
failure-611-remedy = The administrator can allow it.
failure-612 = The service refused, for a reason that this version does not know
failure-612-remedy = Update the app.

# 7xx device and log in
failure-701 = The account ID or the activation code was not accepted
failure-701-remedy = Check what you entered. A code serves once, within 24 hours; the administrator can issue a new one.
failure-702 = The key of this device was not accepted
failure-702-remedy = Register once more. If it goes on, tell the help desk.
failure-703 = This is not a registration link
failure-703-remedy = Open the link from your administrator as a whole.
failure-704 = The address of the service is not right
failure-704-remedy = Use the registration link, or ask the administrator about the address.
failure-705 = This device is not registered with the service
failure-705-remedy = Ask the administrator for a new activation code and register this device anew.
failure-706 = The administrator has suspended this device
failure-706-remedy = Ask the administrator. When it is allowed again, try again.
failure-707 = The registration of this device was ended
failure-707-remedy = The device key and the settings have been erased. To use it, register with a new activation code.
failure-708 = The account ID or the activation code is not of the right form
failure-708-remedy = An activation code has 12 digits. Please enter it again.
failure-709 = The service does not accept this device's certificate
failure-709-remedy = The key and the certificate do not belong together, or another certificate authority issued it. Ask the administrator for a new activation code and register this device anew.
failure-710 = The registration of this device is out of date
failure-710-remedy = Ask the administrator for a new activation code and register this device anew.
failure-711 = The key of this device is gone
failure-711-remedy = Register this device anew with a new activation code.
failure-712 = The key of this device cannot be used
failure-712-remedy = Unlock the device and try again. If it goes on, restart it.
failure-713 = The key of this device does not answer
failure-713-remedy = Try again. If it goes on, restart the device.
failure-714 = The key of this device is damaged
failure-714-remedy = Ask the administrator for a new activation code and register this device anew.
failure-715 = The key of this device was kept by a newer version of the app
failure-715-remedy = Update the app.
failure-716 = This device could not prove that it is safe to register
failure-716-remedy = Install the app anew from where it is given out, make sure that the system of the device is not modified, and register again. If it goes on, use another device or tell the administrator.
failure-721 = After ten wrong attempts the registration of this device was erased
failure-721-remedy = Ask the administrator for a new activation code and register again.
failure-731 = The storage folder cannot be written to
failure-731-remedy = Allow writing to that folder, then try again.
failure-732 = There is no room left in the storage
failure-732-remedy = Delete files that are not needed, then try again.
failure-733 = This app is already running
failure-733-remedy = Close the other one, then try again.
failure-734 = The storage cannot be read or written
failure-734-remedy = Restart the device and try again. If it goes on, tell the help desk.
failure-735 = What was stored is damaged
failure-735-remedy = Register this device anew with a new activation code.

# 9xx internal
failure-901 = A part of the app stopped in the middle of its work
failure-901-remedy = Try again. If it goes on, tell the help desk the code.
