import os, time
import jwt  # PyJWT

# who is signed in to your system
user = {"_id": "42", "firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.com"}

now = int(time.time())
token = jwt.encode(user | {
    "sub": "userexternal", "aud": "https://tiledesk.com/projects/shop",
    "iat": now, "exp": now + 300, "plan": "gold",
}, os.environ["SHOP_SECRET"], algorithm="HS256")

print(token)  # into the page
