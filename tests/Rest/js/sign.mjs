// Prints the UserSig that the official signer makes. Arguments: sdkappid, secret, identifier, validity in seconds.
import tls from 'tls-sig-api-v2';

const [app, secret, identifier, expire] = process.argv.slice(2);
process.stdout.write(new tls.Api(Number(app), secret).genSig(identifier, Number(expire)));
