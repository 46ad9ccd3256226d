import jwt from 'jsonwebtoken'

const guestToken = process.env.GUEST_TOKEN // that the page sent, as the widget stores it

const token = jwt.sign({
  _id: '42', firstname: 'Ada', guest_token: guestToken,
}, process.env.SHOP_SECRET, {
  subject: 'userexternal', audience: 'https://tiledesk.com/projects/shop', expiresIn: '5m',
})

console.log(token) // to the page
